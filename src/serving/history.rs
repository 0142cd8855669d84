//! Which version a roll back leads to: pure, over the deployments so far.
//!
//! The history is read as a stack. A promotion puts its version on top, a roll back takes the top
//! away, a pin changes nothing. So a second roll back goes one further back, and never forth to the
//! version that the first one left: whoever rolls back twice has two bad versions to get away from.
//! Turned down: the version that served just before in time, which the second roll back would take
//! forth again.

use crate::store::{DeploymentAction, PastDeployment};

/// The version that served before the one that serves; `None` where no other did. `past` is every
/// deployment of one model and schema, oldest first.
#[must_use]
pub fn before_champion(past: &[PastDeployment]) -> Option<i32> {
    let mut stack: Vec<i32> = Vec::new();
    for deployment in past {
        if deployment.action == DeploymentAction::RollBack.as_str() {
            stack.pop();
        }
        // The top is what served whatever an unknown action meant.
        if stack.last() != Some(&deployment.version) {
            stack.push(deployment.version);
        }
    }
    stack.pop();
    stack.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `3` promotes, `<2` rolls back to 2, `=2` pins.
    fn before(history: &str) -> Option<i32> {
        let past = history.split_whitespace().zip(1..).map(|(word, sequence)| {
            let action = match word.as_bytes()[0] {
                b'<' => DeploymentAction::RollBack,
                b'=' => DeploymentAction::Pin,
                _ => DeploymentAction::Promote,
            };
            PastDeployment {
                sequence,
                version: word.trim_start_matches(['<', '=']).parse().unwrap(),
                action: action.as_str().to_owned(),
            }
        });
        before_champion(&past.collect::<Vec<_>>())
    }

    #[test]
    fn a_roll_back_leads_to_the_version_before() {
        assert_eq!(before(""), None);
        assert_eq!(before("1"), None);
        assert_eq!(before("1 1 1"), None);
        assert_eq!(before("1 2"), Some(1));
        assert_eq!(before("1 2 2 2"), Some(1));
        assert_eq!(before("1 2 1"), Some(2));
    }

    #[test]
    fn the_next_one_goes_further_back_and_never_forth() {
        assert_eq!(before("1 2 3 <2"), Some(1));
        assert_eq!(before("1 2 3 <2 <1"), None);
        assert_eq!(before("1 2 3 <2 3"), Some(2));
        assert_eq!(before("1 2 3 <2 <1 3"), Some(1));
    }

    #[test]
    fn a_pin_is_no_step() {
        assert_eq!(before("1 =1"), None);
        assert_eq!(before("1 2 =2 =2"), Some(1));
        assert_eq!(before("1 2 3 <2 =2"), Some(1));
    }

    #[test]
    fn what_a_newer_binary_did_is_a_version_like_another() {
        let mut past: Vec<_> = [1, 2, 3]
            .map(|version| PastDeployment {
                sequence: version,
                version,
                action: "promote".into(),
            })
            .into();
        past[2].action = "something_new".into();
        assert_eq!(before_champion(&past), Some(2));
    }
}
