//! The pages for people, in a browser: harmless whatever the names, and open to everybody.

mod accessible;
mod harmless;

use crate::support::app::{TestApp, config};
use crate::support::database::TestDatabase;
use crate::support::tables::{ColumnKind, create_table, insert_rows};
use logitd::config::Config;
use sea_orm::sea_query::Value;

fn url(app: &TestApp, path: &str) -> String {
    format!("http://{}{path}", app.client.address())
}

/// A table of 240 rows and as many classes as there are labels, which follow its first two features;
/// and the configuration for it.
async fn with_table(
    database: &TestDatabase,
    names: [&str; 3],
    labels: &[&str],
    settings: &str,
) -> Config {
    let [table, target, feature] = names;
    let features: Vec<String> = (0..4).map(|at| format!("{feature} {at}")).collect();
    let mut columns: Vec<(&str, ColumnKind)> = features
        .iter()
        .map(|name| (name.as_str(), ColumnKind::Double))
        .collect();
    columns.push((target, ColumnKind::Text));
    let db = database.connect().await;
    create_table(&db, table, &columns).await;
    let rows = (0..240_i64).map(|i| {
        let value = |j: i64| ((i * i + 31 * i * (j + 1) + j * j * 7) % 101) as f64 / 9.7;
        let place = ((value(0) * 2.0 + value(1)) as usize + (i % 2) as usize) / 4 % labels.len();
        let values = (0..4).map(|j| Value::from(value(j)));
        values.chain([Value::from(labels[place])]).collect()
    });
    let all: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    insert_rows(&db, table, &all, rows.collect()).await;
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let described = |name: &String| {
        let (name, words) = (quoted(name), quoted(feature));
        format!("[[dataset.features]]\nname = {name}\ndescription = {words}\nunit = {words}\n")
    };
    let features: String = features.iter().map(described).collect();
    let (table, target) = (quoted(table), quoted(target));
    let text = format!("[dataset]\ntable = {table}\ntarget = {target}\n{features}{settings}");
    config(&text, &database.url(), &[])
}
