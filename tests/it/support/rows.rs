//! The two data sets that most tests learn from.
//!
//! Shape: functions that create a table and fill it; the same rows every time. The breast-cancer
//! rows are the shipped example, read from its file; the others come from a seed.

use sea_orm::DatabaseConnection;
use sea_orm::sea_query::Value;

use super::tables::{ColumnKind, create_table, insert_rows};

const BREAST_CANCER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/breast-cancer/breast_cancer.csv"
);

/// Makes `breast_cancer`: `id` integer primary key, 30 doubles, `diagnosis` text; 569 rows.
/// Gives the names of its columns.
pub(crate) async fn load_breast_cancer(db: &DatabaseConnection) -> Vec<String> {
    load_breast_cancer_as(db, "breast_cancer").await
}

/// The same rows in a table of another name.
pub(crate) async fn load_breast_cancer_as(db: &DatabaseConnection, table: &str) -> Vec<String> {
    load_csv(db, BREAST_CANCER, table, "diagnosis").await
}

/// Makes a table of a CSV file: `id` integer primary key, `target` text, everything else doubles.
/// Gives the names of its columns.
pub(crate) async fn load_csv(
    db: &DatabaseConnection,
    path: &str,
    table: &str,
    target: &str,
) -> Vec<String> {
    let mut file = csv::Reader::from_path(path).expect("open the file");
    let columns: Vec<String> = file
        .headers()
        .expect("a header")
        .iter()
        .map(str::to_owned)
        .collect();
    let kinds: Vec<_> = columns
        .iter()
        .map(|column| (column, kind_of(column, target)))
        .collect();
    let rows = file.records().map(|record| {
        let record = record.expect("a record");
        kinds
            .iter()
            .zip(&record)
            .map(|((_, kind), text)| value(*kind, text))
            .collect()
    });
    let rows = rows.collect();
    create_table(db, table, &kinds).await;
    insert_rows(db, table, &columns, rows).await;
    columns
}

/// The names of the example's columns, in order.
pub(crate) fn breast_cancer_columns() -> Vec<String> {
    let mut file = csv::Reader::from_path(BREAST_CANCER).expect("open the example");
    file.headers()
        .expect("a header")
        .iter()
        .map(str::to_owned)
        .collect()
}

fn kind_of(column: &str, target: &str) -> ColumnKind {
    match column {
        "id" => ColumnKind::IntegerKey,
        name if name == target => ColumnKind::Text,
        _ => ColumnKind::Double,
    }
}

/// An empty cell is null.
fn value(kind: ColumnKind, text: &str) -> Value {
    match kind {
        ColumnKind::Double if text.is_empty() => Value::Double(None),
        ColumnKind::IntegerKey => Value::from(text.parse::<i32>().expect("an integer")),
        ColumnKind::Text => Value::from(text),
        _ => Value::from(text.parse::<f64>().expect("a number")),
    }
}

/// Makes `data(feature_1, feature_2, class)` without a key, and `rows` rows of it: `class` is 1
/// with probability `1 / (1 + exp(-(2 feature_1 - feature_2)))`, else 0, features in [-2, 2).
pub(crate) async fn load_two_features(db: &DatabaseConnection, rows: usize, seed: u64) {
    let columns = ["feature_1", "feature_2", "class"];
    let kinds = [ColumnKind::Double, ColumnKind::Double, ColumnKind::Integer];
    let mut numbers = Generator(seed);
    let rows = (0..rows).map(|_| {
        let (first, second) = (numbers.unit() * 4.0 - 2.0, numbers.unit() * 4.0 - 2.0);
        let probability = 1.0 / (1.0 + (second - 2.0 * first).exp());
        let class = i32::from(numbers.unit() < probability);
        vec![Value::from(first), Value::from(second), Value::from(class)]
    });
    let rows = rows.collect();
    create_table(
        db,
        "data",
        &[0, 1, 2].map(|n: usize| (columns[n], kinds[n])),
    )
    .await;
    insert_rows(db, "data", &columns, rows).await;
}

/// A linear congruential generator; multiplier and increment of Knuth's MMIX.
#[derive(Debug)]
struct Generator(u64);

impl Generator {
    /// Uniform in [0, 1), from the upper 53 bits: the lower ones have short periods.
    fn unit(&mut self) -> f64 {
        let (multiplier, increment) = (6_364_136_223_846_793_005, 1_442_695_040_888_963_407);
        self.0 = self.0.wrapping_mul(multiplier).wrapping_add(increment);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::database::on_both;
    use crate::support::tables::{count_rows, read_all};

    on_both!(breast_cancer_has_its_rows, |database| async {
        let db = database.connect().await;
        let columns = load_breast_cancer(&db).await;
        assert_eq!(
            (columns.len(), count_rows(&db, "breast_cancer").await),
            (32, 569)
        );
        let rows = read_all(&db, "breast_cancer", &["id", "mean_radius", "diagnosis"]).await;
        let first = ["1", "17.99", "malignant"].map(|text| Some(text.to_owned()));
        assert_eq!(rows[0], first);
    });

    on_both!(a_seed_gives_the_same_rows_with_a_signal, |database| async {
        let other = TestDatabase::new(database.engine()).await;
        let (db, other) = (database.connect().await, other.connect().await);
        load_two_features(&db, 400, 7).await;
        load_two_features(&other, 400, 7).await;
        let rows = read_all(&db, "data", &["class", "feature_1", "feature_2"]).await;
        assert_eq!(
            rows,
            read_all(&other, "data", &["class", "feature_1", "feature_2"]).await
        );
        let with_signal = rows.iter().filter(|row| {
            let positive = !row[1].as_ref().unwrap().starts_with('-');
            positive == (row[0].as_deref() == Some("1"))
        });
        assert!((260..400).contains(&with_signal.count()));
    });
}
