use super::*;
use crate::learning::NotComparable;

fn about(mean: f64, half: f64) -> Estimate {
    Estimate {
        mean,
        lower: mean - half,
        upper: mean + half,
        standard_error: half / 1.96,
    }
}

/// Challenger's gain, champion's gain and difference, each with half the width of its interval.
fn comparison(challenger: (f64, f64), champion: (f64, f64)) -> Comparison {
    Comparison {
        rows: 500,
        base_rate_log_loss: 0.69,
        challenger_log_loss: 0.69 - challenger.0,
        champion_log_loss: 0.69 - champion.0,
        challenger_gain: about(challenger.0, challenger.1),
        champion_gain: about(champion.0, champion.1),
        difference: about(champion.0 - challenger.0, 0.01),
    }
}

fn beside(compared: Result<Comparison, Incomparable>) -> Case<'static> {
    Case {
        converged: true,
        evaluation: None,
        champion: Some(Champion {
            version: 3,
            pinned: false,
            beat_base_rate: true,
            compared,
        }),
        tolerance: 0.0,
    }
}

fn codes(decision: &Decision) -> Vec<&str> {
    decision
        .reasons
        .iter()
        .map(|reason| reason.code.as_str())
        .collect()
}

#[test]
fn a_first_version_that_converged_is_promoted() {
    let mut case = Case {
        champion: None,
        ..beside(Err(Incomparable::NothingHeldOut))
    };
    let decision = decide(&case);
    assert_eq!(
        (decision.decision, codes(&decision)),
        (Verdict::Promoted, vec!["first_version"])
    );
    case.converged = false;
    let decision = decide(&case);
    assert_eq!(
        (decision.decision, codes(&decision)),
        (Verdict::Kept, vec!["not_converged"])
    );
}

#[test]
fn no_worse_and_surely_better_than_the_shares_is_promoted_with_every_number() {
    let decision = decide(&beside(Ok(comparison((0.2, 0.05), (0.2, 0.05)))));
    assert_eq!(
        (decision.decision, codes(&decision)),
        (Verdict::Promoted, vec!["passed"])
    );
    assert_eq!((decision.rows, decision.tolerance), (Some(500), Some(0.0)));
    assert_eq!(decision.judged(), Some(3));
    let detail = &decision.reasons[0].detail;
    assert!(
        detail.contains("500 rows") && detail.contains("0.2000, from 0.1500 to 0.2500"),
        "{detail}"
    );
    let again = serde_json::to_value(&decision).unwrap();
    assert_eq!(serde_json::from_value::<Decision>(again).unwrap(), decision);
}

#[test]
fn worse_is_kept_but_for_the_tolerance() {
    let mut case = beside(Ok(comparison((0.19, 0.05), (0.2, 0.05))));
    let decision = decide(&case);
    assert_eq!(
        (decision.decision, codes(&decision)),
        (Verdict::Kept, vec!["worse_than_champion"])
    );
    case.tolerance = 0.02;
    assert_eq!(decide(&case).decision, Verdict::Promoted);
}

#[test]
fn an_interval_that_reaches_zero_is_not_surely_better() {
    let mut case = beside(Ok(comparison((0.04, 0.05), (0.01, 0.05))));
    assert_eq!(codes(&decide(&case)), ["not_better_than_base_rate"]);
    case.converged = false;
    let both = decide(&case);
    assert_eq!(codes(&both), ["not_converged", "not_better_than_base_rate"]);
}

#[test]
fn a_champion_that_fails_where_it_did_well_is_for_a_person_and_stays_so() {
    let mut case = beside(Ok(comparison((0.5, 0.05), (-0.1, 0.05))));
    let decision = decide(&case);
    assert_eq!(
        (decision.decision, codes(&decision)),
        (Verdict::Kept, vec!["data_changed"])
    );
    // Known to the next run as one that once did well, or that would promote.
    assert_eq!(decision.champion.unwrap().beats_base_rate, Some(true));
    if let Some(champion) = &mut case.champion {
        champion.beat_base_rate = false;
    }
    let decision = decide(&case);
    assert_eq!(
        decision.decision,
        Verdict::Promoted,
        "it never beat it: only compared"
    );
    assert_eq!(decision.champion.unwrap().beats_base_rate, Some(false));
}

#[test]
fn a_pin_keeps_whatever_the_numbers_say_and_shows_them() {
    let mut case = beside(Ok(comparison((0.5, 0.05), (0.2, 0.05))));
    if let Some(champion) = &mut case.champion {
        champion.pinned = true;
    }
    let decision = decide(&case);
    assert_eq!(
        (decision.decision, codes(&decision)),
        (Verdict::Kept, vec!["pinned"])
    );
    assert!(decision.difference.is_some());
}

#[test]
fn what_cannot_be_compared_is_kept_with_its_reason() {
    let classes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let cases = [
        (Incomparable::NothingHeldOut, "not_evaluated"),
        (NotComparable::FewRows { rows: 29 }.into(), "not_comparable"),
        (
            Incomparable::Classes {
                champion: classes(&["a", "b"]),
                challenger: classes(&["a", "c"]),
            },
            "classes_changed",
        ),
    ];
    for (why, code) in cases {
        let decision = decide(&beside(Err(why)));
        assert_eq!(
            (decision.decision, codes(&decision)),
            (Verdict::Kept, vec![code])
        );
        assert_eq!(
            decision.judged(),
            None,
            "what is known of the champion is as old as it was"
        );
        assert_eq!(decision.champion.unwrap().version, Some(3));
    }
}

#[test]
fn what_0_1_0_stored_is_read() {
    let stored = r#"{"decision":"kept","reasons":[{"code":"not_compared","detail":"x"}]}"#;
    let decision: Decision = serde_json::from_str(stored).unwrap();
    assert_eq!((decision.decision, decision.rows), (Verdict::Kept, None));
}
