//! One training and one judgement, by the same calls as a run makes.
//!
//! Shape: rows into a set, a set into a fit, a fit beside what serves into the gate. Concurrency: on
//! the caller's thread.

use crate::distribution::Row;
use logitd::learning::{
    Cell, Comparison, Division, Fit, RowKey, Schema, Search, SplitRule, TrainSettings, Trained,
    TrainingSet, TrainingSetBuilder, compare, train,
};
use logitd::retraining::gate::{Case, Champion, Decision, decide};
use std::sync::atomic::AtomicBool;

/// A training, as a run makes it.
pub(crate) struct Training {
    pub(crate) set: TrainingSet,
    pub(crate) trained: Trained,
}

impl Training {
    pub(crate) fn of(schema: &Schema, rows: &[Row], penalties: &[f64]) -> Self {
        let mut builder = TrainingSetBuilder::new(schema, rows.len());
        for (key, row) in rows.iter().enumerate() {
            let cells: Vec<Cell> = row.values.iter().copied().map(Cell::Number).collect();
            builder.push(
                RowKey::Text(&key.to_string()),
                &cells,
                &Cell::Boolean(row.positive),
            );
        }
        let rule = SplitRule {
            held_out_fraction: 0.2,
            minimum_rows: 100,
        };
        let set = builder.finish(&rule).unwrap();
        let settings = TrainSettings {
            search: Search::new(penalties.to_vec(), 5).unwrap(),
            seed: 42,
            refit: true,
            threads: 1,
            stop: &AtomicBool::new(false),
            progress: None,
        };
        let trained = train(schema, &set, &settings).unwrap();
        Self { set, trained }
    }

    pub(crate) fn gate_fit(&self) -> &Fit {
        self.trained.gate.as_ref().unwrap()
    }

    pub(crate) fn beside(&self, champion: &Served) -> Decision {
        let compared: Result<Comparison, _> = compare(
            &self.set,
            &self.gate_fit().classifier,
            &champion.gate_fit.classifier,
            &champion.division,
            42,
        );
        decide(&Case {
            converged: self.trained.served.report.converged,
            evaluation: self.trained.evaluation.as_ref(),
            champion: Some(Champion {
                version: champion.version,
                pinned: false,
                beat_base_rate: champion.beats_base_rate,
                compared: compared.map_err(Into::into),
            }),
            tolerance: 0.0,
        })
    }

    /// Takes the place, with what is known of it from its own held-out rows or a comparison.
    pub(crate) fn serve(self, version: i32, gain_above_0: bool) -> Served {
        Served {
            version,
            beats_base_rate: gain_above_0,
            division: self.set.division().clone(),
            gate_fit: self.trained.gate.unwrap(),
            served: self.trained.served,
        }
    }

    pub(crate) fn gains(&self) -> bool {
        let gain = self.trained.evaluation.as_ref().and_then(|of| of.gain);
        gain.is_some_and(|gain| gain.lower > 0.0)
    }
}

/// What serves.
pub(crate) struct Served {
    pub(crate) version: i32,
    pub(crate) beats_base_rate: bool,
    pub(crate) division: Division,
    pub(crate) gate_fit: Fit,
    pub(crate) served: Fit,
}

/// Mean log loss of a fit on rows that nobody saw.
pub(crate) fn loss(fit: &Fit, rows: &[Row]) -> f64 {
    let equation = &fit.classifier.equations()[0];
    let weights: Vec<f64> = equation
        .coefficients
        .iter()
        .map(|of| of.coefficient)
        .collect();
    let loss = |row: &Row| {
        let pairs = row.values.iter().zip(&weights);
        let z = pairs.fold(equation.intercept, |sum, (x, weight)| sum + x * weight);
        let wrong = if row.positive { -z } else { z };
        wrong.max(0.0) + (-wrong.abs()).exp().ln_1p()
    };
    rows.iter().map(loss).sum::<f64>() / rows.len() as f64
}
