//! A card as an example: of the version that the other examples show.

use super::examples::{classes, deployment, feature, version};
use super::training_examples::RUN;
use crate::learning::Schema;
use serde_json::{Value, json};

pub(super) fn card(model: &str, schema: &Schema) -> Value {
    let (classes, positive) = classes(schema);
    let mut version = version(model, schema);
    if classes.len() > 2
        && let Some(members) = version.as_object_mut()
    {
        members.shift_remove("positive");
    }
    let rows = classes
        .iter()
        .map(|class| json!({"class": class, "rows": 250}));
    json!({
        "summary": format!("It tells how probable each class of {:?} is.", schema.target()),
        "rows_in_words": "It was fitted on 500 rows. How good that is was measured before, on 100 rows \
            that a fit of the same kind to the other 400 had not seen, chosen by a hash of their values.",
        "model": version,
        "target": schema.target(),
        "class_rows": rows.collect::<Value>(),
        "run": {"id": RUN, "trigger": "request", "requested_by": "anonymous",
            "queued_at": "2026-11-22T03:00:00.012Z", "finished_at": "2026-11-22T03:00:04.120Z"},
        "gate": {"decision": "promoted", "reasons": [
            {"code": "first_version", "detail": "no version of this schema serves yet"}]},
        "deployments": [deployment("promote", true)],
        "warnings": [{"code": "penalised_no_inference", "detail": "standard errors are not given: under \
            a penalty they would not be valid", "columns": [], "remedy": "Nothing, where predictions are \
            what counts. Standard errors come with `penalties = [0.0]`."}],
        "curves": [curves(&classes, positive)],
        "features": schema.features().iter().map(feature).collect::<Value>(),
        "citation": format!("{model}, version 1. Logistic regression by logitd {}, made \
            2026-11-22T03:00:04.120Z by training run {RUN}.", env!("CARGO_PKG_VERSION")),
        "reproduction": format!("logitd train --reproduce {RUN}"),
    })
}

fn curves(classes: &[String], positive: usize) -> Value {
    let histogram = [0_u64, 0, 1, 4].repeat(5);
    json!({
        "class": classes[positive],
        "roc": [{"false_positive_rate": 0.0, "true_positive_rate": 0.0},
            {"false_positive_rate": 0.1, "true_positive_rate": 0.9, "threshold": 0.5},
            {"false_positive_rate": 1.0, "true_positive_rate": 1.0, "threshold": 0.01}],
        "precision_recall": [{"recall": 0.9, "precision": 0.9, "threshold": 0.5},
            {"recall": 1.0, "precision": 0.5, "threshold": 0.01}],
        "calibration": [{"lower": 0.0, "upper": 0.1, "rows": 40, "mean_probability": 0.03,
            "positive_share": 0.025}],
        "score_histograms": vec![histogram; classes.len()],
    })
}
