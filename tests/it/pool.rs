//! The connection pool is as configured.

use crate::support::app::{PATIENCE, TestApp, two_features};
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::rows::load_two_features;
use logitd::lifecycle::Stop;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection};

/// How many connections of ours the server has.
async fn connections(db: &DatabaseConnection) -> i64 {
    let select = Query::select()
        .expr(Func::count(Expr::val(1)))
        .from(Alias::new("pg_stat_activity"))
        .and_where(Expr::col(Alias::new("application_name")).eq("logitd"))
        .and_where(Expr::col(Alias::new("datname")).eq(Func::cust(Alias::new("current_database"))))
        .take();
    db.query_one(&select)
        .await
        .unwrap()
        .unwrap()
        .try_get_by_index(0)
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_stay_between_the_least_and_the_most() {
    let database = TestDatabase::new(Engine::Postgres).await;
    let db = database.connect().await;
    load_two_features(&db, 300, 7).await;
    let pool = [
        ("LOGITD_DATABASE__MIN_CONNECTIONS", "2"),
        ("LOGITD_DATABASE__MAX_CONNECTIONS", "3"),
    ];
    let app = TestApp::start(two_features(&database.url(), &pool)).await;
    app.champion().await;
    let least = async || (connections(&db).await >= 2).then_some(());
    eventually(PATIENCE, "two connections are kept open", least).await;
    let asking = (0..40).map(|_| {
        let client = app.client.clone();
        tokio::spawn(async move { client.get("/v1/models").await.status })
    });
    for asked in asking.collect::<Vec<_>>() {
        assert_eq!(asked.await.unwrap(), 200);
    }
    // The server lists one that was replaced for a moment longer; a pool that grew past its most would stay.
    let most = async || (connections(&db).await <= 3).then_some(());
    eventually(PATIENCE, "three connections at most", most).await;
    assert!(app.stop(Stop::Now).await);
    let none = async || (connections(&db).await == 0).then_some(());
    eventually(PATIENCE, "the pool is closed", none).await;
}
