//! What the service is asked: the breast-cancer example's rows in each form that a batch may have.

use super::operation::Failure;
use poem::http::Method;

const TABLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/breast-cancer/breast_cancer.csv"
);
pub(crate) const BATCH: usize = 1_000;

/// What is asked, again and again.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// The names of the features, and the example's rows over and over: a batch of them, as texts.
pub(crate) fn instances() -> Result<(Vec<String>, Vec<Vec<String>>), Failure> {
    let mut csv = csv::Reader::from_path(TABLE)?;
    let is_feature = |name: &str| name != "id" && name != "diagnosis";
    let header: Vec<String> = csv.headers()?.iter().map(str::to_owned).collect();
    let kept: Vec<usize> = (0..header.len())
        .filter(|at| is_feature(&header[*at]))
        .collect();
    let pick = |cells: &csv::StringRecord| kept.iter().map(|at| cells[*at].to_owned()).collect();
    let rows = csv.records().collect::<Result<Vec<_>, _>>()?;
    let rows = rows.iter().map(pick).cycle().take(BATCH).collect();
    Ok((kept.iter().map(|at| header[*at].clone()).collect(), rows))
}

fn object(names: &[String], row: &[String]) -> String {
    let members = names.iter().zip(row);
    let members: Vec<String> = members
        .map(|(name, value)| format!("\"{name}\": {value}"))
        .collect();
    format!("{{{}}}", members.join(", "))
}

impl Asked {
    pub(crate) fn of_probe() -> Self {
        Self {
            method: Method::GET,
            path: "/livez",
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    fn posted(path: &'static str, kind: &str, body: Vec<u8>) -> Self {
        Self {
            method: Method::POST,
            path,
            headers: vec![("Content-Type", kind.to_owned())],
            body,
        }
    }

    pub(crate) fn single(names: &[String], row: &[String]) -> Self {
        Self::posted("/v1/predict", "application/json", object(names, row).into())
    }

    pub(crate) fn batch(names: &[String], rows: &[Vec<String>]) -> Self {
        let objects: Vec<String> = rows.iter().map(|row| object(names, row)).collect();
        let body = format!("{{\"instances\": [{}]}}", objects.join(", "));
        Self::posted("/v1/predict/batch", "application/json", body.into())
    }

    pub(crate) fn csv(names: &[String], rows: &[Vec<String>]) -> Self {
        let lines = std::iter::once(names).chain(rows.iter().map(Vec::as_slice));
        let body: String = lines.map(|cells| cells.join(",") + "\n").collect();
        Self::posted("/v1/predict/csv", "text/csv", body.into())
    }

    /// The Open Inference Protocol's binary form: little endian, behind its JSON.
    pub(crate) fn tensor(rows: &[Vec<String>]) -> Self {
        let values = rows.iter().flatten().filter_map(|cell| cell.parse().ok());
        let data: Vec<u8> = values.flat_map(f64::to_le_bytes).collect();
        let (length, width) = (rows.len(), rows[0].len());
        let head = serde_json::json!({
            "inputs": [{"name": "features", "shape": [length, width], "datatype": "FP64",
                        "parameters": {"binary_data_size": data.len()}}],
            "parameters": {"binary_data_output": true},
        });
        let mut body = head.to_string().into_bytes();
        let head_bytes = body.len().to_string();
        body.extend(data);
        let path = "/v2/models/breast-cancer/infer";
        let mut asked = Self::posted(path, "application/octet-stream", body);
        let length = ("Inference-Header-Content-Length", head_bytes);
        asked.headers.push(length);
        asked
    }
}
