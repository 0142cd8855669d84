//! What the story says of `configurations/orders.toml`: three classes, a value that may be missing.

use logitd_client::types::{Instance, Prediction};

pub(crate) const FEATURES: [&str; 2] = ["Order Total", "class"];
pub(crate) const CLASSES: [&str; 3] = ["kept", "returned", "lost"];
pub(crate) const POINTERS: [&str; 2] = ["/Order Total", "/class"];
pub(crate) const WARNINGS: [(&str, &str); 1] = [("class", "imputed")];

pub(crate) fn asked() -> Instance {
    Instance {
        order_total: 99.5,
        class: None,
    }
}

pub(crate) fn refused() -> Instance {
    Instance {
        order_total: -1.0,
        class: Some(-2.0),
    }
}

/// Each class's score, from the parts of the explanation.
pub(crate) fn scores(explained: &Prediction) -> Vec<(String, f64)> {
    let contributions = explained.contributions.as_ref().expect("asked for");
    let baseline = explained.baseline.as_ref().expect("asked for");
    let score = |class: &String| baseline[class] + contributions[class].values().sum::<f64>();
    contributions
        .keys()
        .map(|class| (class.clone(), score(class)))
        .collect()
}
