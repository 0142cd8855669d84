use super::*;

fn schema(names: &[&str]) -> Schema {
    let features = names.iter().map(|name| Feature::named(*name)).collect();
    Schema::new("class".to_owned(), features, None, None).unwrap()
}

fn faulty_features() -> Vec<Feature> {
    let feature = |name: &str, minimum, maximum, example| Feature {
        minimum,
        maximum,
        example,
        ..Feature::named(name)
    };
    vec![
        feature("a", Some(2.0), Some(1.0), None),
        feature("a", Some(f64::NAN), None, None),
        feature("explain", None, Some(1.0), Some(3.0)),
        feature("", None, None, Some(f64::INFINITY)),
        feature("class", None, None, None),
    ]
}

#[test]
fn every_fault_is_told_at_once() {
    let features = faulty_features();
    let classes = ["x", "x", "y"].map(str::to_owned).to_vec();
    let faults = Schema::new(
        "class".to_owned(),
        features,
        Some(classes),
        Some("z".to_owned()),
    )
    .unwrap_err();
    let told: Vec<_> = faults
        .iter()
        .map(|f| format!("{:?} {f}", f.feature))
        .collect();
    assert_eq!(
        told,
        [
            "Some(1) name: \"a\" is there twice",
            "Some(2) name: \"explain\" is reserved",
            "Some(3) name: is empty",
            "Some(4) name: \"class\" is also the target",
            "Some(0) minimum: 2 is above the maximum 1",
            "Some(1) minimum: must be a finite number",
            "Some(2) example: must be at most 1",
            "Some(3) example: must be a finite number",
            "None classes: \"x\" is there twice",
            "None positive: only two classes have a positive one",
            "None positive: \"z\" is not one of the classes",
        ]
    );
    let few = Schema::new(String::new(), vec![], Some(vec![]), None).unwrap_err();
    let fields: Vec<_> = few.iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["target", "features", "classes"]);
}

#[test]
fn the_nearest_name_is_told_only_for_a_slip() {
    let schema = schema(&["mean_radius", "mean_area", "x", "Order Total"]);
    assert_eq!(schema.nearest("mean_raduis"), Some("mean_radius"));
    assert_eq!(schema.nearest("MEAN_AREA"), Some("mean_area"));
    assert_eq!(schema.nearest("order_total"), Some("Order Total"));
    assert_eq!(schema.nearest("y"), None);
    assert_eq!(schema.nearest("weight"), None);
    assert_eq!(schema.nearest(&"a".repeat(5_000_000)), None);
}

#[test]
fn the_fingerprint_covers_target_names_order_and_missing_only() {
    let one = schema(&["ab", "c"]);
    // Pinned: stored champions are found by it.
    assert_eq!(
        one.fingerprint(),
        "sha256:766ac8126071ac76e4abe14e872eb26f45736a3e39520c5e137c516d2c34adc2"
    );
    for other in [schema(&["a", "bc"]), schema(&["c", "ab"]), schema(&["ab"])] {
        assert_ne!(one.fingerprint(), other.fingerprint());
    }
    let with = |feature: Feature, classes: Option<Vec<String>>| {
        let features = vec![Feature::named("ab"), feature];
        Schema::new("class".to_owned(), features, classes, None)
            .unwrap()
            .fingerprint()
    };
    let mean = Feature {
        missing: Missing::Mean,
        ..Feature::named("c")
    };
    assert_ne!(with(mean, None), one.fingerprint());
    let dressed = Feature {
        minimum: Some(0.0),
        unit: Some("mm".to_owned()),
        ..Feature::named("c")
    };
    let classes = vec!["0".to_owned(), "1".to_owned()];
    assert_eq!(with(dressed, Some(classes)), one.fingerprint());
}

#[test]
fn a_stored_schema_is_checked_when_it_is_read() {
    let one = schema(&["ab", "c"]);
    let text = serde_json::to_string(&one).unwrap();
    assert_eq!(serde_json::from_str::<Schema>(&text).unwrap(), one);
    assert_eq!(one.index_of("c"), Some(1));
    let wrong = text.replace("\"c\"", "\"ab\"");
    let why = serde_json::from_str::<Schema>(&wrong)
        .unwrap_err()
        .to_string();
    assert!(why.contains("\"ab\" is there twice"), "{why}");
}
