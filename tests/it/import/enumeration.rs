//! A column of an enumeration is imported into like another.

use super::{CONFIGURATION, Desk, texts};
use crate::support::database::{Engine, TestDatabase};
use crate::support::tables::read_all;
use sea_orm::ConnectionTrait;

#[tokio::test(flavor = "multi_thread")]
async fn an_enumeration_takes_its_labels_and_refuses_others() {
    let database = TestDatabase::new(Engine::Postgres).await;
    let db = database.connect().await;
    for statement in [
        "CREATE SCHEMA \"other; --\"",
        "CREATE TYPE \"other; --\".\"How \"\"sure\"\"?\" AS ENUM ('no', 'yes, really', 'it''s')",
        "CREATE DOMAIN sure AS \"other; --\".\"How \"\"sure\"\"?\"",
        "CREATE TYPE room AS ENUM ('north', 'south')",
        "CREATE TABLE rows (id room UNIQUE, a float8, b float8, class sure)",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    let desk = Desk::new(&database, CONFIGURATION);
    let csv = "id,a,b,class\nnorth,1.5,2.5,it's\nsouth,1.5,2.5,maybe\neast,1.5,2.5,no\nnorth,3.5,4.5,\"yes, really\"\nsouth,5.5,6.5,\n";
    let (said, told) = desk.import(csv, 1).await;
    assert_eq!(said, "imported 3 rows into rows");
    for line in [
        "line 3, column \"class\": expected one of \"no\", \"yes, really\", \"it's\", as the column takes, found \"maybe\"",
        "line 4, column \"id\": expected one of \"north\", \"south\", as the column takes, found \"east\"",
        "line 2: replaced by line 5, which has the same key",
    ] {
        assert!(told.lines().any(|told| told == line), "{line:?} in\n{told}");
    }
    let rows = read_all(&db, "rows", &["id", "a", "b", "class"]).await;
    let expected = [
        ["north", "3.5", "4.5", "yes, really"],
        ["south", "5.5", "6.5", "null"],
    ];
    assert_eq!(rows, expected.map(|row| texts(&row)));
}
