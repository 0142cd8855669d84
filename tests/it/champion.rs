//! A version that was saved and loaded is the version that was trained, to the last bit.

use crate::support::app::{breast_cancer, workshop};
use crate::support::database::on_both;
use crate::support::rows::load_breast_cancer;
use crate::support::training::train_champion;
use logitd::learning::{Search, TrainSettings, train};
use std::sync::atomic::AtomicBool;

on_both!(
    a_stored_version_predicts_bit_for_bit_what_was_trained,
    |database| async {
        load_breast_cancer(&database.connect().await).await;
        let config = breast_cancer(&database.url(), &[]);
        let champion = train_champion(&config).await;

        let workshop = workshop(&config).await;
        let rows = workshop
            .database
            .read_observations(&workshop.table, &workshop.schema, 0, |_| true)
            .await
            .unwrap()
            .unwrap();
        let split = logitd::learning::SplitRule {
            held_out_fraction: config.training.held_out_fraction,
            minimum_rows: config.training.minimum_rows,
        };
        let set = rows.finish(&split).unwrap();
        let training = &config.training;
        let settings = TrainSettings {
            search: Search::new(training.penalties.clone(), training.folds).unwrap(),
            seed: training.seed,
            refit: training.refit,
            threads: 3,
            stop: &AtomicBool::new(false),
            progress: None,
        };
        let trained = train(&workshop.schema, &set, &settings).unwrap();

        let content = &champion.version().content;
        assert_eq!(content.data_fingerprint, set.fingerprint());
        assert_eq!(content.schema, *workshop.schema);
        for index in 0..set.all().rows() {
            let row: Vec<f64> = set.all().features.row(index).to_vec();
            let (of_memory, of_store) = (
                trained.served.classifier.predict(&row),
                champion.classifier().predict(&row),
            );
            assert_eq!(
                of_memory.log_odds.map(f64::to_bits),
                of_store.log_odds.map(f64::to_bits)
            );
            let bits = |shares: &[f64]| {
                shares
                    .iter()
                    .map(|share| share.to_bits())
                    .collect::<Vec<_>>()
            };
            assert_eq!(
                bits(&of_memory.probabilities),
                bits(&of_store.probabilities)
            );
        }
        let (of_memory, of_store) = (&trained.evaluation, &content.trained.evaluation);
        assert_eq!(
            serde_json::to_value(of_memory).unwrap(),
            serde_json::to_value(of_store).unwrap()
        );
    }
);
