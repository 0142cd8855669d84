//! The points of the card against scikit-learn's, on the same held-out scores.

use super::{page_of, plotted};
use crate::support::app::{TestApp, breast_cancer, workshop};
use crate::support::database::{Engine, TestDatabase};
use crate::support::python::run_python;
use crate::support::rows::load_breast_cancer;
use logitd::config::Config;
use logitd::learning::SplitRule;
use serde_json::{Value, json};

/// The held-out scores of the fit that was evaluated, read and divided as the training did, and
/// whether each row is of the positive class.
async fn held_out(app: &TestApp, config: &Config) -> Value {
    let workshop = workshop(config).await;
    let (table, schema) = (&workshop.table, &workshop.schema);
    let read = workshop
        .database
        .read_observations(table, schema, 0, |_| true);
    let rows = read.await.unwrap().unwrap();
    let split = SplitRule {
        held_out_fraction: config.training.held_out_fraction,
        minimum_rows: config.training.minimum_rows,
    };
    let set = rows.finish(&split).unwrap();
    let champion = app.champion().await;
    let content = &champion.version().content;
    assert_eq!(set.fingerprint(), content.data_fingerprint);
    let gate = content.trained.gate.as_ref().unwrap();
    let positive = gate.classifier.classes().positive_index();
    let part = set.held_out();
    let rows = part.features.rows().into_iter().zip(part.labels);
    let (scores, labels): (Vec<f64>, Vec<bool>) = rows
        .map(|(row, label)| {
            let said = gate.classifier.predict(&row.to_vec());
            (
                said.probabilities[positive],
                usize::from(*label) == positive,
            )
        })
        .unzip();
    workshop.database.close().await.unwrap();
    json!({"scores": scores, "labels": labels})
}

/// What scikit-learn makes of them.
fn reference(held_out: &Value) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("held_out.json");
    std::fs::write(&file, held_out.to_string()).unwrap();
    serde_json::from_str(&run_python("card_curves.py", &file)).unwrap()
}

type Points = Vec<[f64; 2]>;

/// Pairs of two lists of numbers.
fn paired(curve: &Value, names: [&str; 2]) -> Points {
    let [x, y] = names.map(|name| {
        let values = curve[name].as_array().unwrap().iter();
        values
            .map(|value| value.as_f64().unwrap())
            .collect::<Vec<_>>()
    });
    assert_eq!(x.len(), y.len());
    x.into_iter().zip(y).map(|(x, y)| [x, y]).collect()
}

/// Two members of each point of a list.
fn points(list: &Value, names: [&str; 2]) -> Points {
    let list = list.as_array().unwrap().iter();
    list.filter(|point| point[names[0]].is_number())
        .map(|point| names.map(|name| point[name].as_f64().unwrap()))
        .collect()
}

/// How far a point is from the nearest of straight pieces.
fn off(point: [f64; 2], line: &Points) -> f64 {
    let distance = |piece: &[[f64; 2]]| {
        let ([x, y], [a, b]) = (point, [piece[0], piece[1]]);
        let (along, across) = (b[0] - a[0], b[1] - a[1]);
        let length = along * along + across * across;
        let part = ((x - a[0]) * along + (y - a[1]) * across) / length.max(f64::MIN_POSITIVE);
        let part = part.clamp(0.0, 1.0);
        (x - a[0] - part * along).hypot(y - a[1] - part * across)
    };
    line.windows(2).map(distance).fold(f64::INFINITY, f64::min)
}

/// Every point of ours is one of theirs, and every one of theirs lies on our curve.
fn agree(what: &str, ours: &Points, theirs: &Points) {
    assert!(ours.len() > 2, "{what}: {ours:?}");
    for [x, y] in ours {
        let near = |[a, b]: &[f64; 2]| (a - x).abs() < 1e-12 && (b - y).abs() < 1e-12;
        assert!(theirs.iter().any(near), "{what}: ({x}, {y}) is not theirs");
    }
    for point in theirs {
        let off = off(*point, ours);
        assert!(off < 1e-12, "{what}: {point:?} is {off} off our curve");
    }
}

/// Trains on the breast-cancer rows and holds the card's points against scikit-learn's; gives the
/// number of points of the ROC curve.
async fn agrees(overrides: &[(&str, &str)]) -> usize {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_breast_cancer(&database.connect().await).await;
    let config = || breast_cancer(&database.url(), overrides);
    let app = TestApp::start(config()).await;
    app.champion().await;
    let held_out = held_out(&app, &config()).await;
    let theirs = reference(&held_out);
    let card = app.client.get("/v1/models/1/card").await.json();
    let curves = &card["curves"][0];
    assert_eq!(curves["class"], "malignant");
    let roc = curves_agree(curves, &theirs);
    let page = page_of(&app, "/v1/models/1/card").await;
    are_drawn(curves, page.text());
    let area = theirs["roc"]["area"].as_f64().unwrap();
    let told = card["model"]["evaluation"]["roc_auc"].as_f64().unwrap();
    assert!((area - told).abs() < 1e-12, "{area} {told}");
    let rows = held_out["scores"].as_array().unwrap().len() as u64;
    let told = curves["score_histograms"].as_array().unwrap().iter();
    let told = told.flat_map(|class| class.as_array().unwrap());
    assert_eq!(told.map(|rows| rows.as_u64().unwrap()).sum::<u64>(), rows);
    assert_eq!(curves["score_histograms"], theirs["score_histograms"]);
    roc
}

fn curves_agree(curves: &Value, theirs: &Value) -> usize {
    let names = ["false_positive_rate", "true_positive_rate"];
    let roc = points(&curves["roc"], names);
    agree("roc_curve", &roc, &paired(&theirs["roc"], names));

    let names = ["recall", "precision"];
    let ours = points(&curves["precision_recall"], names);
    let expected = paired(&theirs["precision_recall"], names);
    agree("precision_recall_curve", &ours, &expected);

    let names = ["mean_probability", "positive_share"];
    let bins = points(&curves["calibration"], names);
    let expected = paired(&theirs["calibration"], names);
    assert_eq!(bins.len(), expected.len());
    for (bin, expected) in bins.iter().zip(&expected) {
        let off = (bin[0] - expected[0]).hypot(bin[1] - expected[1]);
        assert!(off < 1e-12, "calibration_curve: {bin:?} {expected:?}");
    }
    roc.len()
}

/// The points stand in the page's drawings, to the unit. The ROC curve goes from corner to corner, and
/// the other two plots have the same axes.
fn are_drawn(curves: &Value, html: &str) {
    let roc = plotted::line(html, "roc");
    let (from, to) = (roc[0], *roc.last().unwrap());
    let place = |[x, y]: [f64; 2]| {
        [
            from[0] + x * (to[0] - from[0]),
            from[1] + y * (to[1] - from[1]),
        ]
    };
    let same = |what: &str, drawn: &Points, told: &Points| {
        assert_eq!(drawn.len(), told.len(), "{what}");
        for (drawn, told) in drawn.iter().zip(told) {
            let [x, y] = place(*told);
            let off = (drawn[0] - x).abs().max((drawn[1] - y).abs());
            assert!(
                off <= 1.0,
                "{what}: {told:?} is drawn at {drawn:?}, not at {x}, {y}"
            );
        }
    };
    assert!(
        to[0] - from[0] > 500.0 && from[1] - to[1] > 500.0,
        "{from:?} {to:?}"
    );
    let names = ["false_positive_rate", "true_positive_rate"];
    same("roc", &roc, &points(&curves["roc"], names));
    let drawn = plotted::line(html, "precision-recall");
    let names = ["recall", "precision"];
    same(
        "precision-recall",
        &drawn,
        &points(&curves["precision_recall"], names),
    );
    let names = ["mean_probability", "positive_share"];
    let bins = points(&curves["calibration"], names);
    same("reliability", &plotted::line(html, "reliability"), &bins);
    same("reliability", &plotted::marks(html, "reliability"), &bins);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_points_are_those_of_scikit_learn() {
    agrees(&[]).await;
}

/// All thirty features tell the held-out rows apart nearly without an error: two weak ones bend the
/// curves.
#[tokio::test(flavor = "multi_thread")]
async fn so_are_those_of_curves_with_many_corners() {
    let features = "[{ name = \"mean_texture\" }, { name = \"mean_symmetry\" }]";
    let corners = agrees(&[("LOGITD_DATASET__FEATURES", features)]).await;
    assert!(corners > 20, "{corners}");
}
