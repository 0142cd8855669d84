//! The never-rules about names: who may say what.
//!
//! Shape: each rule is a function from files to findings, so that planted files prove that it
//! bites. The rules read text: a macro or a re-export can hide a name from them. What clippy sees
//! after resolution (`disallowed-methods` in clippy.toml) is checked there as well.

use super::paths::{NamedPath, paths, tokens};
use super::source::{Finding, SourceFile, line_of};

/// Which rooms a room may name, itself apart. A room that is not here has no place in the house.
const DIRECTION: [(&str, &[&str]); 17] = [
    ("main", &["cli", "telemetry"]),
    (
        "cli",
        &[
            "app",
            "delimited",
            "lifecycle",
            "http",
            "retraining",
            "serving",
            "store",
            "learning",
            "config",
            "clock",
            "health",
            "telemetry",
        ],
    ),
    (
        "app",
        &[
            "lifecycle",
            "http",
            "retraining",
            "serving",
            "store",
            "learning",
            "config",
            "schedule",
            "clock",
            "health",
            "telemetry",
        ],
    ),
    ("lifecycle", &["config", "clock", "health", "telemetry"]),
    (
        "http",
        &[
            "delimited",
            "retraining",
            "serving",
            "learning",
            "config",
            "schedule",
            "clock",
            "health",
            "telemetry",
        ],
    ),
    (
        "retraining",
        &[
            "serving",
            "store",
            "learning",
            "config",
            "schedule",
            "clock",
            "health",
            "telemetry",
            "background",
        ],
    ),
    (
        "serving",
        &[
            "store",
            "learning",
            "config",
            "clock",
            "health",
            "telemetry",
        ],
    ),
    (
        "store",
        &[
            "learning",
            "config",
            "clock",
            "health",
            "telemetry",
            "background",
        ],
    ),
    ("telemetry", &["config", "clock"]),
    ("health", &["clock"]),
    ("config", &["learning", "schedule"]),
    ("schedule", &[]),
    ("clock", &[]),
    ("background", &[]),
    ("delimited", &[]),
    // Of the tests only: named from within them, which this rule does not read.
    ("corpus", &[]),
    ("learning", &[]),
];

/// The crates that never-rule 1 keeps out of `learning`, and what of `std` is not pure.
const IMPURE: [&str; 9] = [
    "poem",
    "poem_openapi",
    "sea_orm",
    "sea_query",
    "sqlx",
    "rusqlite",
    "tokio",
    "tracing",
    "chrono",
];
const IMPURE_STD: [&str; 6] = ["env", "fs", "io", "net", "process", "time"];

const DATABASE: [&str; 5] = [
    "sea_orm",
    "sea_orm_migration",
    "sea_query",
    "sqlx",
    "rusqlite",
];

/// Findings for each path of each file that `what` objects to.
fn objections(
    files: &[SourceFile],
    what: impl Fn(&SourceFile, &NamedPath) -> Option<String>,
) -> Vec<Finding> {
    let of_file = |file: &SourceFile| {
        let found = paths(file).into_iter();
        let found = found.filter_map(|path| Some(file.finding(path.line, what(file, &path)?)));
        found.collect::<Vec<_>>()
    };
    files.iter().flat_map(of_file).collect()
}

/// The room that a path leads to, when it is another one of ours.
fn room_named(file: &SourceFile, path: &NamedPath) -> Option<String> {
    let target = path.within_crate(&file.module())?;
    target
        .into_iter()
        .next()
        .filter(|room| *room != file.room())
}

/// Findings for each path into one of `rooms` from a file that `from` selects.
fn naming_rooms(
    files: &[SourceFile],
    from: impl Fn(&str) -> bool,
    rooms: &[&str],
    rule: &str,
) -> Vec<Finding> {
    objections(files, |file, path| {
        let room = room_named(file, path).filter(|_| from(&file.room()))?;
        rooms
            .contains(&room.as_str())
            .then(|| format!("names `{room}`; {rule}"))
    })
}

/// Findings for each path that begins with one of `crates` outside `owner`.
fn naming_crates(files: &[SourceFile], owner: &str, crates: &[&str], rule: &str) -> Vec<Finding> {
    objections(files, |file, path| {
        let named = file.room() != owner && crates.contains(&path.first());
        named.then(|| format!("names `{}`; {rule}", path.first()))
    })
}

/// Never-rule 1.
pub(crate) fn learning_names_somebody_else(files: &[SourceFile]) -> Vec<Finding> {
    let rule = "learning is pure and names nobody else";
    let learning = files
        .iter()
        .filter(|file| file.room() == "learning")
        .cloned();
    objections(&learning.collect::<Vec<_>>(), |file, path| {
        let first = path.first();
        let other_room = room_named(file, path).filter(|room| room != "*");
        let impure = IMPURE.contains(&first)
            || first.starts_with("opentelemetry")
            || matches!(first, "async" | "await")
            || IMPURE_STD.iter().any(|module| path.has("std", module))
            || matches!(
                path.segments.last().map(String::as_str),
                Some("Instant" | "SystemTime")
            );
        let named = other_room.or_else(|| impure.then(|| path.segments.join("::")))?;
        Some(format!("names `{named}`; {rule}"))
    })
}

/// Never-rule 2, the crate.
pub(crate) fn sea_orm_outside_store(files: &[SourceFile]) -> Vec<Finding> {
    naming_crates(
        files,
        "store",
        &DATABASE,
        "only store (and migration) says sea_orm",
    )
}

/// Never-rule 2, the entities.
pub(crate) fn entities_outside_store(files: &[SourceFile]) -> Vec<Finding> {
    objections(files, |file, path| {
        let target = path.within_crate(&file.module())?;
        let entity = target.first()? == "store" && target.get(1)? == "entity";
        let outside = entity && file.room() != "store";
        outside.then(|| "an entity never leaves store".to_owned())
    })
}

/// Never-rule 3.
pub(crate) fn poem_outside_http(files: &[SourceFile]) -> Vec<Finding> {
    let rule = "only http says poem";
    let mut found = naming_crates(files, "http", &["poem", "poem_openapi"], rule);
    found.extend(objections(files, |file, path| {
        let status = file.room() != "http" && path.segments.iter().any(|s| s == "StatusCode");
        status.then(|| "names `StatusCode`; no error outside http knows a status code".to_owned())
    }));
    found
}

/// Never-rule 4.
pub(crate) fn http_imports_store(files: &[SourceFile]) -> Vec<Finding> {
    let rule = "http never imports store, it speaks to serving and retraining";
    naming_rooms(files, |room| room == "http", &["store"], rule)
}

/// Never-rule 5, first half.
pub(crate) fn retraining_from_below(files: &[SourceFile]) -> Vec<Finding> {
    let rule = "serving and store never import retraining";
    naming_rooms(
        files,
        |room| matches!(room, "serving" | "store"),
        &["retraining"],
        rule,
    )
}

/// Never-rule 5, second half.
pub(crate) fn app_from_elsewhere(files: &[SourceFile]) -> Vec<Finding> {
    let rule = "only main and cli import app";
    naming_rooms(
        files,
        |room| !matches!(room, "main" | "cli"),
        &["app"],
        rule,
    )
}

/// The whole table of who may name whom.
pub(crate) fn wrong_direction(files: &[SourceFile]) -> Vec<Finding> {
    let allowed = |room: &str| DIRECTION.iter().find(|(from, _)| *from == room);
    let mut found = objections(files, |file, path| {
        let (room, target) = (file.room(), room_named(file, path)?);
        if target == "*" {
            return Some("imports everything from the crate's root: name what is used".to_owned());
        }
        let (_, may_name) = allowed(&room)?;
        let ours = allowed(&target).is_some();
        let wrong = ours && !may_name.contains(&target.as_str());
        wrong.then(|| format!("names `{target}`; {room} may name only {may_name:?} and itself"))
    });
    let homeless = files.iter().filter(|file| !file.room().is_empty());
    let homeless = homeless.filter(|file| allowed(&file.room()).is_none());
    found.extend(homeless.map(|file| {
        file.finding(
            1,
            format!("`{}` has no place in the direction of modules", file.room()),
        )
    }));
    found
}

/// Never-rule 6, the environment: through `std`, or through clap's `env` in an attribute.
pub(crate) fn environment_outside_config(files: &[SourceFile]) -> Vec<Finding> {
    const CALLS: [&str; 7] = [
        "var",
        "var_os",
        "vars",
        "vars_os",
        "set_var",
        "remove_var",
        "*",
    ];
    let rule = "only config reads the environment";
    let elsewhere: Vec<_> = files
        .iter()
        .filter(|f| f.room() != "config")
        .cloned()
        .collect();
    let mut found = objections(&elsewhere, |_, path| {
        let named = CALLS.iter().find(|call| path.has("env", call))?;
        Some(format!("names `env::{named}`; {rule}"))
    });
    for file in &elsewhere {
        for (at, _) in file.code.match_indices("#[arg(") {
            let end = attribute_end(&file.code, at);
            if tokens(&file.code[at..end])
                .iter()
                .any(|(_, token)| *token == "env")
            {
                let line = line_of(&file.code, at);
                found.push(file.finding(line, format!("an argument reads a variable; {rule}")));
            }
        }
    }
    found
}

fn attribute_end(code: &str, at: usize) -> usize {
    code[at..]
        .find(")]")
        .map_or(code.len(), |length| at + length)
}

/// Never-rule 6, the time of day. `Instant` and `tokio::time` measure deadlines and durations and
/// know no date: they are allowed.
pub(crate) fn time_outside_clock(files: &[SourceFile]) -> Vec<Finding> {
    let rule = "only clock reads the time";
    objections(files, |file, path| {
        let reads = ["Utc", "Local", "SystemTime"]
            .iter()
            .any(|clock| path.has(clock, "now"));
        let reads = reads || path.has("Uuid", "now_v7") || path.has("Uuid", "now_v6");
        let named = path.segments.join("::");
        (reads && file.room() != "clock").then(|| format!("calls `{named}`; {rule}"))
    })
}

/// Never-rule 6, the instruments.
pub(crate) fn instruments_outside_telemetry(files: &[SourceFile]) -> Vec<Finding> {
    objections(files, |file, path| {
        let first = path.first();
        let named = first.starts_with("opentelemetry") || first == "prometheus";
        let outside = named && file.room() != "telemetry";
        outside.then(|| format!("names `{first}`; only telemetry names an instrument"))
    })
}

/// Never-rule 7, what clippy does not see: tokio's locks are made to be held across an await.
pub(crate) fn locks_made_for_await(files: &[SourceFile]) -> Vec<Finding> {
    objections(files, |_, path| {
        let lock = ["Mutex", "RwLock"]
            .iter()
            .find(|lock| path.has("sync", lock))?;
        (path.first() == "tokio")
            .then(|| format!("names `tokio::sync::{lock}`; no guard lives across an await"))
    })
}
