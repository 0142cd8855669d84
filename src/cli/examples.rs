//! The tables built into the binary, each with its source and licence beside it in `examples/`.

const BREAST_CANCER: &str = include_str!("../../examples/breast-cancer/breast_cancer.csv");
const TWO_FEATURES: &str = include_str!("../../examples/two-features/data.csv");

/// A table built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Example {
    /// 569 tumours with 30 features each.
    BreastCancer,
    /// Two features and a class of 0 or 1.
    TwoFeatures,
}

impl Example {
    /// Its rows as CSV.
    pub(super) fn csv(self) -> &'static str {
        match self {
            Self::BreastCancer => BREAST_CANCER,
            Self::TwoFeatures => TWO_FEATURES,
        }
    }
}
