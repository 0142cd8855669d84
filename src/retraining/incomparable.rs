//! Why champion and challenger cannot be compared, in words.

use crate::learning::NotComparable;
use crate::store::Split;
use thiserror::Error;

/// Why there is nothing to compare by.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Incomparable {
    /// `held_out_fraction` is 0.
    #[error("held_out_fraction is 0, so nothing was evaluated; promote it by hand")]
    NothingHeldOut,
    /// Other classes.
    #[error("its classes are {challenger:?}, those of the champion {champion:?}")]
    Classes {
        /// The champion's.
        champion: Vec<String>,
        /// The challenger's.
        challenger: Vec<String>,
    },
    /// Rows were held out by something else, so that it is not known what the champion saw.
    #[error(
        "{what} was {champion} for the champion and is {challenger} now, so that it is not known which rows the champion saw; promote it by hand"
    )]
    Split {
        /// What is not the same.
        what: &'static str,
        /// The champion's.
        champion: String,
        /// The challenger's.
        challenger: String,
    },
    /// The champion was stored by a later logitd.
    #[error("this version of logitd cannot read the champion")]
    Unreadable,
    /// The rows do not allow it.
    #[error("{0}; promote it by hand, or wait for more rows")]
    Rows(#[from] NotComparable),
}

impl Incomparable {
    /// The reason's code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NothingHeldOut => "not_evaluated",
            Self::Classes { .. } => "classes_changed",
            Self::Split { .. } | Self::Unreadable | Self::Rows(_) => "not_comparable",
        }
    }

    /// Whether the champion's split tells of the challenger's rows which of them it saw.
    ///
    /// # Errors
    /// [`Incomparable::Split`]: it does not. What an earlier logitd did not store counts as the same.
    pub fn of_splits(champion: &Split, challenger: &Split) -> Result<(), Self> {
        let unlike = |what, one: &str, two: &str| Self::Split {
            what,
            champion: one.to_owned(),
            challenger: two.to_owned(),
        };
        if champion.rule != challenger.rule {
            return Err(unlike("the rule", &champion.rule, &challenger.rule));
        }
        if champion.table != challenger.table {
            return Err(unlike("the table", &champion.table, &challenger.table));
        }
        let another_database =
            champion.database.is_some() && champion.database != challenger.database;
        if another_database {
            return Err(unlike("the database", "another", "this one"));
        }
        let what = match champion.rule.as_str() {
            "order" => "the order column",
            _ => "the key",
        };
        differ(what, &champion.column, &challenger.column)?;
        match champion.division.sample_below {
            Some(_) => differ("the key", &champion.key, &challenger.key),
            None => Ok(()),
        }
    }
}

fn differ(
    what: &'static str,
    champion: &Option<String>,
    challenger: &Option<String>,
) -> Result<(), Incomparable> {
    if champion == challenger {
        return Ok(());
    }
    let shown = |column: &Option<String>| match column {
        Some(column) => format!("the column {column:?}"),
        None => "no column".to_owned(),
    };
    Err(Incomparable::Split {
        what,
        champion: shown(champion),
        challenger: shown(challenger),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::Division;
    use crate::store::DatasetTable;

    fn split(key: Option<&str>, order: Option<&str>) -> Split {
        let table = DatasetTable {
            table: "data".into(),
            schema: None,
            key: key.map(str::to_owned),
            order: order.map(str::to_owned),
        };
        Split::of(&table, "sha256:1", Division::default())
    }

    #[test]
    fn whatever_decides_who_saw_a_row_must_be_the_same() {
        let one = split(Some("id"), None);
        assert_eq!(Incomparable::of_splits(&one, &one), Ok(()));
        let other = |change: fn(&mut Split)| {
            let mut other = one.clone();
            change(&mut other);
            Incomparable::of_splits(&one, &other)
                .unwrap_err()
                .to_string()
        };
        assert!(other(|split| split.rule = "order".into()).starts_with("the rule was hash"));
        assert!(other(|split| split.table = "rows".into()).contains("data for the champion"));
        assert!(other(|split| split.database = None).starts_with("the database was another"));
        let told = other(|split| split.column = None);
        assert!(
            told.starts_with("the key was the column \"id\" for the champion and is no column now")
        );
        assert!(!told.contains("sha256"));
    }

    #[test]
    fn under_an_order_the_key_counts_where_rows_were_sampled() {
        let mut champion = split(Some("id"), Some("at"));
        let other_key = split(Some("uid"), Some("at"));
        assert_eq!(Incomparable::of_splits(&champion, &other_key), Ok(()));
        champion.division.sample_below = Some(7);
        assert!(Incomparable::of_splits(&champion, &other_key).is_err());
        assert!(Incomparable::of_splits(&champion, &split(Some("id"), Some("when"))).is_err());
    }

    #[test]
    fn what_0_1_0_did_not_store_counts_as_the_same() {
        let mut old = split(Some("id"), None);
        old.database = None;
        assert_eq!(
            Incomparable::of_splits(&old, &split(Some("id"), None)),
            Ok(())
        );
    }
}
