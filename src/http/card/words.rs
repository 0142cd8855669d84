//! Sentences of a card, the same for people and programs.

use super::story::Story;
use crate::http::model_version_body::{shown, timestamp};
use crate::learning::Classes;

/// What it predicts, and from what.
pub(in crate::http) fn summary(story: &Story) -> String {
    let content = &story.version.content;
    let classes = content.trained.served.classifier.classes();
    let features = content.schema.features().len();
    let features = counted(features as u64, "feature", "features");
    format!(
        "It tells how probable each class of {:?} is ({}) from {features} of the table {:?}, by \
         logistic regression.{}",
        content.schema.target(),
        listed(classes.names()),
        content.split.table,
        positive(classes)
    )
}

fn positive(classes: &Classes) -> String {
    if classes.len() == 2 {
        return format!(
            " What is called its probability is that of {:?}.",
            classes.positive()
        );
    }
    String::new()
}

/// From which rows it was learned, and on which it was looked at.
pub(in crate::http) fn rows(story: &Story) -> String {
    let trained = &story.version.content.trained;
    let rows = trained.rows;
    let fitted = counted(rows.fitted, "row", "rows");
    if rows.held_out == 0 {
        return format!(
            "It was fitted on {fitted}. None was held out, so nobody knows how good it is."
        );
    }
    let held_out = counted(rows.held_out, "row", "rows");
    let how = division(story);
    if rows.fitted == rows.gate_training {
        return format!(
            "It was fitted on {fitted}. How good it is was measured on {held_out} that it had not seen, {how}."
        );
    }
    format!(
        "It was fitted on {fitted}. How good that is was measured before, on {held_out} that a fit \
         of the same kind to the other {} had not seen, {how}.",
        rows.gate_training
    )
}

/// How rows were held out.
fn division(story: &Story) -> String {
    let split = &story.version.content.split;
    let division = &split.division;
    let mut how = match (split.rule.as_str(), &split.column, &division.cut) {
        ("order", Some(column), Some(cut)) => {
            format!("the newest by {column:?}, after {}", shown(cut))
        }
        (_, Some(column), _) => format!("chosen by a hash of {column:?}"),
        (_, None, _) => "chosen by a hash of their values".to_owned(),
    };
    if division.sample_below.is_some() {
        how += "; all of them are a sample of the table";
    }
    how
}

/// What a warning is called; a code of a later logitd by itself.
pub(in crate::http) fn title(code: &str) -> &str {
    match code {
        "not_converged" => "The fit did not come to an end",
        "constant_feature" => "A feature never varies",
        "duplicated_columns" => "Columns that say the same",
        "dependent_columns" => "Columns that follow from others",
        "separated" => "The classes are told apart without an error",
        "imbalanced_classes" => "Some classes are rare",
        "range_ruled_by_one_row" => "One row rules a feature's range",
        "penalised_no_inference" => "No intervals under a penalty",
        "class_missing_from_held_out" => "A class is missing from the held-out rows",
        "not_better_than_base_rate" => "Not better than the shares of the classes",
        other => other,
    }
}

/// What somebody may do about a warning; nothing for a code of a later logitd.
pub(in crate::http) fn remedy(code: &str) -> Option<&'static str> {
    Some(match code {
        "not_converged" => {
            "Train with a larger penalty, or mend extreme values. Such a version is never promoted by itself."
        }
        "constant_feature" => {
            "Leave the column out of [[dataset.features]], or find out why it never varies."
        }
        "duplicated_columns" => "Leave all but one of them out of [[dataset.features]].",
        "dependent_columns" => {
            "Leave out those that follow from the others; until then read their coefficients together."
        }
        "separated" => {
            "See whether one of the columns is only known once the label is: such a column has to go. \
             If none is, go by the probabilities and not by the coefficients."
        }
        "imbalanced_classes" => {
            "Go by log loss, precision and recall, and gather more rows of the rare classes."
        }
        "range_ruled_by_one_row" => {
            "Look at that row. A wrong value is mended in the table; `minimum` and `maximum` keep others out."
        }
        "penalised_no_inference" => {
            "Nothing, where predictions are what counts. Standard errors come with `penalties = [0.0]`."
        }
        "class_missing_from_held_out" => {
            "Gather more rows of these classes, or raise `held_out_fraction`."
        }
        "not_better_than_base_rate" => {
            "Do not rely on it. Look for features that say more about the target, and for more rows."
        }
        _ => return None,
    })
}

/// How to name this version so that somebody else can find out exactly what it was.
pub(in crate::http) fn citation(story: &Story) -> String {
    let (number, content) = (story.version.version, &story.version.content);
    format!(
        "{}, version {number}. Logistic regression by logitd {}, made {} by training run {} from {} of \
         {:?}. Data {}, schema {}.",
        content.model,
        content.code_version,
        timestamp(content.created_at),
        content.training_run,
        counted(content.trained.rows.fitted, "row", "rows"),
        content.split.table,
        content.data_fingerprint,
        content.schema.fingerprint()
    )
}

/// What makes the same run again, and says whether rows and coefficients are the same.
pub(in crate::http) fn reproduction(story: &Story) -> String {
    let run = &story.version.content.training_run;
    format!("logitd train --reproduce {run}")
}

/// "1 row", "3 rows".
pub(in crate::http) fn counted(count: u64, one: &str, many: &str) -> String {
    let noun = if count == 1 { one } else { many };
    format!("{count} {noun}")
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_warning_of_ours_says_what_to_do() {
        let document = crate::http::openapi::warning_codes();
        assert!(document.len() >= 10);
        for code in document {
            assert_ne!(title(code), *code);
            assert!(
                remedy(code).is_some_and(|words| words.ends_with('.')),
                "{code}"
            );
        }
        assert_eq!(remedy("of_a_later_logitd"), None);
        assert_eq!(title("of_a_later_logitd"), "of_a_later_logitd");
    }

    #[test]
    fn one_is_one() {
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(0, "row", "rows"), "0 rows");
    }
}
