//! Whether the parts of a training that was stored belong together, and to the schema beside them.
//!
//! Shape: one check, made where a version is decoded. Everything behind it takes the first feature of one list for the
//! first of all others. Concurrency: pure. Turned down: a checked type a part, as [`Classifier`](super::Classifier) is
//! one (most of these rules are between parts).

use super::classes::Classes;
use super::curves::ClassCurves;
use super::evaluation::Evaluation;
use super::fit::Fit;
use super::inference::Inference;
use super::profile::Profile;
use super::schema::Schema;
use super::trained::Trained;
use thiserror::Error;

/// A part that does not fit the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{0} of the training does not fit the rest of it")]
pub struct Misfit(&'static str);

impl Trained {
    /// Whether everything is of the features of this schema, in its order, and of the same classes.
    ///
    /// # Errors
    /// [`Misfit`] names the first part that is not.
    pub fn check(&self, schema: &Schema) -> Result<(), Misfit> {
        let classes = self.served.classifier.classes();
        let fits = |fit: &Fit| fit_fits(fit, schema, classes);
        let evaluated = |evaluation: &Evaluation| evaluation_fits(evaluation, classes);
        let parts = [
            ("the served fit", fits(&self.served)),
            ("the gate's fit", self.gate.as_ref().is_none_or(fits)),
            (
                "the evaluation",
                self.evaluation.as_ref().is_none_or(evaluated),
            ),
            ("the curves", curves_fit(&self.curves, classes)),
            ("the profile", profile_fits(&self.profile, schema, classes)),
        ];
        let wrong = parts.iter().find(|(_, fits)| !fits);
        wrong.map_or(Ok(()), |(part, _)| Err(Misfit(part)))
    }
}

fn fit_fits(fit: &Fit, schema: &Schema, classes: &Classes) -> bool {
    let width = schema.features().len();
    let inferred = |inference: &Inference| inference_fits(inference, width, classes);
    fit.classifier.features() == width
        && fit.classifier.classes() == classes
        && fit.inference.as_ref().is_none_or(inferred)
}

/// Two classes have an equation, one a feature and the intercept last; more have contrasts with the first.
fn inference_fits(inference: &Inference, width: usize, classes: &Classes) -> bool {
    let (first, others) = classes.names().split_first().unzip();
    let others: &[String] = others.unwrap_or_default();
    if classes.len() == 2 {
        return inference.contrasts.is_empty() && inference.equation.len() == width + 1;
    }
    let of = |(contrast, class): (&super::inference::Contrast, &String)| {
        contrast.class == *class
            && Some(&contrast.against) == first
            && contrast.coefficients.len() == width
    };
    inference.equation.is_empty()
        && inference.contrasts.len() == others.len()
        && inference.contrasts.iter().zip(others).all(of)
}

fn evaluation_fits(evaluation: &Evaluation, classes: &Classes) -> bool {
    let rows = &evaluation.confusion;
    rows.len() == classes.len() && rows.iter().all(|row| row.len() == classes.len())
}

/// Earlier versions stored none; else they are of the positive one of two classes, or one of each.
fn curves_fit(curves: &[ClassCurves], classes: &Classes) -> bool {
    let two = [classes.positive().to_owned()];
    let of = if classes.len() == 2 {
        &two
    } else {
        classes.names()
    };
    let fits = |(curves, class): (&ClassCurves, &String)| {
        curves.class == *class && curves.score_histograms.len() == classes.len()
    };
    curves.is_empty() || (curves.len() == of.len() && curves.iter().zip(of).all(fits))
}

fn profile_fits(profile: &Profile, schema: &Schema, classes: &Classes) -> bool {
    let names = schema.features().iter().map(|feature| &feature.name);
    let of_classes = profile.classes.iter().map(|count| &count.label);
    let binned = profile
        .features
        .iter()
        .filter_map(|feature| feature.histogram.as_ref());
    profile
        .features
        .iter()
        .map(|feature| &feature.name)
        .eq(names)
        && of_classes.eq(classes.names())
        && binned
            .clone()
            .all(|bins| bins.edges.len() == bins.rows.len() + 1)
}
