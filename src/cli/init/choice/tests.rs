use super::*;
use crate::store::LabelCounts;
use crate::store::catalog::Column;

fn column(name: &str, declared: &str, kind: ColumnKind, values: (u64, u64)) -> InspectedColumn {
    let number = matches!(kind, ColumnKind::Integer | ColumnKind::Double);
    InspectedColumn {
        column: Column {
            name: name.into(),
            declared: declared.into(),
            kind,
        },
        values: values.0,
        distinct: Some(values.1),
        numbers: if number { values.0 } else { 0 },
        whole: kind == ColumnKind::Integer,
        range: number.then_some((0.0, values.1.saturating_sub(1) as f64 * 3.0)),
        median: None,
    }
}

fn table() -> Inspection {
    use ColumnKind as Kind;
    Inspection {
        rows: 200,
        columns: vec![
            column("a", "int4", Kind::Integer, (200, 200)),
            column("b", "int4", Kind::Integer, (200, 200)),
            column("customer_id", "int8", Kind::Integer, (200, 200)),
            column("paid", "int8", Kind::Integer, (190, 20)),
            column("one", "float8", Kind::Double, (200, 1)),
            column("none", "float8", Kind::Double, (0, 0)),
            column("name", "text", Kind::Text, (200, 150)),
            column("flag", "bool", Kind::Boolean, (200, 2)),
            column("day", "timestamptz", Kind::Other, (200, 9)),
            column("class", "text", Kind::Text, (200, 2)),
        ],
        primary_key: vec!["a".into()],
        unique_columns: vec!["a".into()],
        labels: LabelCounts::default(),
    }
}

fn wanted<'a>(features: &'a [String], key: Option<&'a str>) -> Wanted<'a> {
    Wanted {
        target: "class",
        features,
        key,
    }
}

fn names<'a>(choice: &Choice<'a>) -> Vec<&'a str> {
    let features = choice.features.iter();
    features.map(|found| found.column.name.as_str()).collect()
}

#[test]
fn every_column_is_chosen_or_left_out_with_a_reason() {
    let table = table();
    let choice = choose(&table, wanted(&[], None)).unwrap();
    assert_eq!(choice.key, Some("a"));
    assert_eq!(names(&choice), ["b", "paid"]);
    let left_out: Vec<(&str, &str)> = choice
        .left_out
        .iter()
        .map(|(found, reason)| (found.column.name.as_str(), reason.as_str()))
        .collect();
    let reasons = [
        ("customer_id", "looks like an identifier"),
        ("one", "one value only"),
        ("none", "no values"),
        ("name", "text"),
        ("flag", "a boolean; a view can make 0 and 1 of it"),
        ("day", "a date or a time; a view can make a number of it"),
    ];
    assert_eq!(left_out, reasons);
}

#[test]
fn integers_that_count_up_are_an_identifier() {
    let mut table = table();
    table.columns[1].range = Some((7.0, 206.0));
    let choice = choose(&table, wanted(&[], None)).unwrap();
    assert_eq!(names(&choice), ["paid"]);
}

#[test]
fn named_features_are_taken_in_their_order() {
    let features = ["paid".to_owned(), "a".to_owned()];
    let table = table();
    let choice = choose(&table, wanted(&features, Some("b"))).unwrap();
    assert_eq!((names(&choice), choice.key), (vec!["paid", "a"], Some("b")));
    assert_eq!(choose(&table, wanted(&features, None)).unwrap().key, None);
}

#[test]
fn a_column_is_one_thing() {
    let (paid, class) = (["paid".to_owned()], ["class".to_owned()]);
    let told = [
        wanted(&class, None),
        wanted(&[], Some("class")),
        wanted(&paid, Some("paid")),
    ]
    .map(|wanted| refuse_two_things(wanted).unwrap_err().to_string());
    assert!(told[0].contains("\"class\" as a feature and as the target"));
    assert!(told[1].contains("\"class\" as the key and as the target"));
    assert!(told[2].contains("\"paid\" as a feature and as the key"));
    assert_eq!(refuse_two_things(wanted(&paid, Some("a"))), Ok(()));
}

#[test]
fn a_key_that_repeats_and_a_table_without_numbers_are_refused() {
    let mut table = table();
    let name = ["name".to_owned()];
    let refused = choose(&table, wanted(&name, None));
    assert_eq!(refused, Err(NoChoice::NotANumber("name".into())));
    let refused = choose(&table, wanted(&[], Some("paid"))).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("20 different values in 200 rows")
    );
    table.columns.drain(..4);
    let refused = choose(&table, wanted(&[], None)).unwrap_err();
    assert!(
        refused.to_string().contains("\"one\" (one value only)"),
        "{refused}"
    );
    table.rows = 0;
    assert_eq!(choose(&table, wanted(&[], None)), Err(NoChoice::NoRows));
}

#[test]
fn without_a_primary_key_of_one_column_a_unique_one_is_the_key() {
    let mut table = table();
    for primary_key in [vec![], vec!["a".into(), "b".into()]] {
        table.primary_key = primary_key;
        // Nulls, a measurement and the target are no names of rows.
        table.unique_columns = ["paid", "one", "class", "customer_id", "name"]
            .map(str::to_owned)
            .into();
        let chosen = choose(&table, wanted(&[], None)).unwrap();
        assert_eq!(chosen.key, Some("customer_id"));
        let feature = ["customer_id".to_owned()];
        let chosen = choose(&table, wanted(&feature, None)).unwrap();
        assert_eq!(chosen.key, Some("name"));
    }
    table.primary_key = vec!["b".into()];
    assert_eq!(choose(&table, wanted(&[], None)).unwrap().key, Some("b"));
}
