//! The environment laid over the file: `LOGITD_<SECTION>__<FIELD>` replaces a field as a whole.
//!
//! A secret may come from a file that `LOGITD_<SECTION>__<FIELD>_FILE` names, as mounted secrets
//! do. A variable of ours with `__` in its name that names no field is refused, for a slip there
//! would silently leave the default in force.

use super::document::Document;
use super::environment::{Environment, PREFIX};
use super::fault::{ConfigFault, Place};
use super::field::{Field, SECTIONS, variable};
use super::nearest::nearest;
use super::origin::Origin;
use super::value::{Given, Written};

/// A field and the section it stands in.
type Known = (&'static str, &'static Field);

/// Puts every variable over what the document says.
pub(super) fn overlay<'a>(document: &mut Document<'a>, environment: &'a Environment) {
    for name in environment.unreadable() {
        refuse(document, name, None, "is not UTF-8 text".to_owned());
    }
    for (name, text) in environment.fields() {
        if let Some(known) = find(name) {
            put(document, known, name, Written::Text(text));
        } else if let Some(known) = find_secret_file(name) {
            match read_secret(environment, known, text) {
                Ok(secret) => put(document, known, name, Written::Content(secret)),
                Err(detail) => refuse(document, name, Some(known), detail),
            }
        } else {
            refuse(document, name, None, unknown(name));
        }
    }
}

/// The content of the file at `path` without its last line feed.
fn read_secret(
    environment: &Environment,
    (section, field): Known,
    path: &str,
) -> Result<String, String> {
    let direct = variable(section, field.name);
    if environment.get(&direct).is_some() {
        return Err(format!("stands beside {direct}; give one of the two"));
    }
    // Not shown: whoever takes the one variable for the other writes the password here.
    if path.contains("://") {
        return Err(format!(
            "must be the path of a file; a URL belongs in {direct}"
        ));
    }
    let content = std::fs::read_to_string(path)
        .map_err(|error| format!("the file {path:?} cannot be read: {error}"))?;
    let line = content.strip_suffix('\n').unwrap_or(&content);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn put<'a>(
    document: &mut Document<'a>,
    (section, field): Known,
    name: &'a str,
    written: Written<'a>,
) {
    let place = Place::Variable(name.to_owned());
    let given = Given {
        written,
        place,
        origin: Origin::Variable(name),
    };
    document
        .section(section)
        .values
        .insert(field.name.to_owned(), given);
}

fn refuse(document: &mut Document<'_>, variable: &str, known: Option<Known>, detail: String) {
    let (section, field) = known.map_or(("", ""), |(section, field)| (section, field.name));
    document.faults.push(ConfigFault {
        place: Place::Variable(variable.to_owned()),
        section: section.to_owned(),
        field: field.to_owned(),
        detail,
    });
}

fn all() -> impl Iterator<Item = Known> {
    SECTIONS
        .iter()
        .flat_map(|section| section.fields.iter().map(|field| (section.name, field)))
}

fn find(name: &str) -> Option<Known> {
    all().find(|(section, field)| variable(section, field.name) == name)
}

fn find_secret_file(name: &str) -> Option<Known> {
    find(name.strip_suffix("_FILE")?).filter(|(_, field)| field.secret)
}

/// The prefix that all share is left out of the comparison, it would make all of them alike; case
/// too, for that is the likeliest slip.
fn unknown(name: &str) -> String {
    let known: Vec<String> = all()
        .map(|(section, field)| variable(section, field.name).split_off(PREFIX.len()))
        .collect();
    let meant = name
        .strip_prefix(PREFIX)
        .unwrap_or(name)
        .to_ascii_uppercase();
    match nearest(&meant, known.iter().map(String::as_str)) {
        Some(near) => format!("unknown variable; did you mean {PREFIX}{near}?"),
        None => format!("unknown variable; ours are {PREFIX}<SECTION>__<FIELD>"),
    }
}
