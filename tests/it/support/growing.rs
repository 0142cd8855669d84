//! A table that grows from one distribution, and whose labels can be poisoned.
//!
//! Shape: everything in a row follows from its number, so that a test knows without asking what was
//! in a table, and which side of the split a row is on. Turned down: reading the split from the code
//! under test.

use super::tables::{ColumnKind, create_table, insert_rows};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, Value};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use sha2::{Digest, Sha256};
use std::ops::Range;

/// What `class` holds.
pub(crate) const CLASSES: [&str; 2] = ["no", "yes"];

pub(crate) const CONFIG: &str = r#"
[dataset]
table = "growing"
key = "id"
target = "class"
[[dataset.features]]
name = "a"
[[dataset.features]]
name = "b"
"#;

/// A row, by its number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) a: f64,
    pub(crate) b: f64,
    pub(crate) class: usize,
    /// When it came.
    pub(crate) at: i64,
}

impl Row {
    pub(crate) fn of(id: i64) -> Self {
        let [a, b, draw] = ["a", "b", "class"].map(|what| unit(&format!("{what} {id}")));
        let (a, b) = (4.0 * a - 2.0, 4.0 * b - 2.0);
        let likely = 1.0 / (1.0 + (b - 2.0 * a).exp());
        let class = usize::from(draw < likely);
        Self {
            id,
            a,
            b,
            class,
            at: id,
        }
    }

    /// As the specification says, apart from the code: the first 64 bits of a hash of the key.
    pub(crate) fn is_held_out(&self, fraction: f64) -> bool {
        let hash = Sha256::digest(format!("logitd/held-out/1\0{}", self.id));
        share(&hash[..8]) < fraction
    }

    /// Its place when rows are sampled.
    pub(crate) fn sample_place(&self) -> [u8; 8] {
        let digest = Sha256::digest(format!("logitd/held-out/1\0{}", self.id));
        let hash = Sha256::new()
            .chain_update(b"logitd/sample/1\0")
            .chain_update(&digest[..16])
            .finalize();
        let mut place = [0; 8];
        place.copy_from_slice(&hash[..8]);
        place
    }
}

/// Uniform in [0, 1).
fn unit(what: &str) -> f64 {
    share(&Sha256::digest(what)[..8])
}

fn share(bytes: &[u8]) -> f64 {
    let number = bytes
        .iter()
        .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    number as f64 / 2.0_f64.powi(64)
}

pub(crate) fn rows(ids: Range<i64>) -> Vec<Row> {
    ids.map(Row::of).collect()
}

/// Makes the table, with a second column that names rows.
pub(crate) async fn create(db: &DatabaseConnection) {
    let columns = [
        ("id", ColumnKind::IntegerKey),
        ("uid", ColumnKind::BigInteger),
        ("a", ColumnKind::Double),
        ("b", ColumnKind::Double),
        ("class", ColumnKind::Text),
        ("at", ColumnKind::BigInteger),
    ];
    create_table(db, "growing", &columns).await;
}

/// Adds rows.
pub(crate) async fn add(db: &DatabaseConnection, rows: &[Row]) {
    let names = ["id", "uid", "a", "b", "class", "at"];
    let row = |row: &Row| {
        vec![
            Value::from(i32::try_from(row.id).unwrap()),
            Value::from(row.id + 1_000_000),
            Value::from(row.a),
            Value::from(row.b),
            Value::from(CLASSES[row.class]),
            Value::from(row.at),
        ]
    };
    insert_rows(db, "growing", &names, rows.iter().map(row).collect()).await;
}

/// Puts these rows in the place of all that are there.
pub(crate) async fn replace(db: &DatabaseConnection, rows: &[Row]) {
    let delete = Query::delete().from_table(Alias::new("growing")).to_owned();
    db.execute(&delete).await.unwrap();
    add(db, rows).await;
}

/// Gives one row another class, of any name.
pub(crate) async fn relabel(db: &DatabaseConnection, id: i64, class: &str) {
    let update = Query::update()
        .table(Alias::new("growing"))
        .value(Alias::new("class"), class)
        .and_where(Expr::col(Alias::new("id")).eq(id))
        .to_owned();
    db.execute(&update).await.unwrap();
}
