//! The ways to fail of a service that has everything it needs.

/// What is sent, and what must come back.
pub(super) struct Case {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) code: &'static str,
    /// Part of what must be told, in `detail` or in a fault.
    pub(super) told: &'static str,
}

pub(super) fn case(
    method: &'static str,
    path: &str,
    code: &'static str,
    told: &'static str,
) -> Case {
    let (path, content_type, body) = (path.to_owned(), "", Vec::new());
    Case {
        method,
        path,
        content_type,
        body,
        code,
        told,
    }
}

pub(super) fn get(path: &str, code: &'static str, told: &'static str) -> Case {
    case("GET", path, code, told)
}

pub(super) fn post(path: &str, body: &str, code: &'static str, told: &'static str) -> Case {
    Case {
        content_type: "application/json",
        body: body.into(),
        ..case("POST", path, code, told)
    }
}

fn as_type(content_type: &'static str, case: Case) -> Case {
    Case {
        content_type,
        ..case
    }
}

/// Bodies of one instance.
pub(super) fn instances() -> Vec<Case> {
    let one = |body: &str, code, told| post("/v1/predict", body, code, told);
    let invalid = "invalid_instance";
    vec![
        one("", "invalid_json", "EOF"),
        one("{", "invalid_json", "EOF"),
        one("nope", "invalid_json", "expected"),
        one(
            r#"{"feature_1":NaN,"feature_2":1}"#,
            "invalid_json",
            "expected value",
        ),
        one(
            r#"{"feature_1":1,"feature_2":1}}"#,
            "invalid_json",
            "trailing",
        ),
        one(r#"{"feature_1":1 "feature_2":1}"#, "invalid_json", "column"),
        one(
            r#"{"feature_1":01,"feature_2":1}"#,
            "invalid_json",
            "number",
        ),
        one("[]", invalid, "an array"),
        one("7", invalid, "found 7"),
        one("null", invalid, "found null"),
        one("\"text\"", invalid, "found \"text\""),
        one("{}", invalid, "is missing"),
        one(r#"{"feature_1":1}"#, invalid, "/feature_2 is missing"),
        one(
            r#"{"feature_1":"1","feature_2":1}"#,
            invalid,
            "expected a finite number, found \"1\"",
        ),
        one(r#"{"feature_1":null,"feature_2":1}"#, invalid, "found null"),
        one(r#"{"feature_1":true,"feature_2":1}"#, invalid, "found true"),
        one(
            r#"{"feature_1":[1],"feature_2":1}"#,
            invalid,
            "found an array",
        ),
        one(
            r#"{"feature_1":{},"feature_2":1}"#,
            invalid,
            "found an object",
        ),
        one(
            r#"{"feature_1":1e400,"feature_2":1}"#,
            invalid,
            "too large for a double",
        ),
        one(
            r#"{"feature_1":-1e400,"feature_2":1}"#,
            invalid,
            "too large for a double",
        ),
        one(r#"{"feature_1":11,"feature_2":1}"#, invalid, "at most 10"),
        one(
            r#"{"feature_1":-11,"feature_2":1}"#,
            invalid,
            "at least -10",
        ),
        one(
            r#"{"feature_1":1,"feature_2":1,"feature_3":1}"#,
            invalid,
            "/feature_3 is not a feature",
        ),
        one(
            r#"{"feature_1":1,"feature_2":1,"feature_1":2}"#,
            invalid,
            "is given twice",
        ),
        one(
            r#"{"Feature_1":1,"feature_2":1}"#,
            invalid,
            "did you mean \"feature_1\"",
        ),
        as_type(
            "text/plain",
            one("{}", "unsupported_media_type", "application/json"),
        ),
        as_type("", one("{}", "unsupported_media_type", "application/json")),
        as_type(
            "application/jsonx",
            one("{}", "unsupported_media_type", "application/json"),
        ),
        post(
            "/v1/predict?explain=1",
            "{}",
            "invalid_instance",
            "is missing",
        ),
        post(
            "/v1/predict?explain=1",
            r#"{"feature_1":1,"feature_2":1}"#,
            "invalid_parameter",
            "explain expected true or false",
        ),
        Case {
            body: vec![b'{', 0xff],
            ..one("", "invalid_json", "not UTF-8 at byte 1")
        },
        one(
            &format!("{{\"feature_1\":{},\"feature_2\":1}}", "[".repeat(2000)),
            "invalid_json",
            "",
        ),
        one(&"x".repeat(3000), "payload_too_large", "exceeds 2500 bytes"),
    ]
}

/// Bodies of many.
pub(super) fn batches() -> Vec<Case> {
    let batch = |body: &str, code, told| post("/v1/predict/batch", body, code, told);
    let invalid = "invalid_instance";
    vec![
        batch("", "invalid_json", "EOF"),
        batch("{}", invalid, "/instances is missing"),
        batch("[]", invalid, "expected an object"),
        batch(r#"{"instances":{}}"#, invalid, "expected an array"),
        batch(
            r#"{"instances":[7]}"#,
            invalid,
            "/instances/0 expected an object",
        ),
        batch(
            r#"{"instances":[],"x":1}"#,
            invalid,
            "/x is not expected here",
        ),
        batch(
            r#"{"instances":[{"feature_1":1}]}"#,
            invalid,
            "/instances/0/feature_2 is missing",
        ),
        batch(
            r#"{"instances":[{},{},{},{}]}"#,
            "payload_too_large",
            "3 instances at most",
        ),
        batch(r#"{"instances":[{}"#, "invalid_json", "EOF"),
    ]
}

/// Bodies of a CSV.
pub(super) fn tables() -> Vec<Case> {
    let path = "/v1/predict/csv";
    let csv = |body: &str, told| as_type("text/csv", post(path, body, "invalid_csv", told));
    let head = "feature_1,feature_2\n";
    vec![
        csv("", "line 1  is empty"),
        csv("feature_1\n1\n", "line 1 feature_2 is missing"),
        csv(
            "feature_1,feature_2,class\n",
            "line 1 class is what is predicted",
        ),
        csv(
            "feature_1,feature_2,Feature_2\n",
            "did you mean \"feature_2\"",
        ),
        csv(
            "feature_1,feature_2,feature_1\n",
            "feature_1 is given twice",
        ),
        csv(
            &format!("{head}1\n"),
            "line 2  has 1 cells where the header has 2",
        ),
        csv(&format!("{head}1,\n"), "line 2 feature_2 is missing"),
        csv(
            &format!("{head}1,11\n"),
            "line 2 feature_2 must be at most 10",
        ),
        csv(&format!("{head}1,NaN\n"), "expected a finite number"),
        csv(&format!("{head}1,1e400\n"), "expected a finite number"),
        csv("feature_1;feature_2\n1,5;1\n", "has a decimal comma"),
        as_type(
            "text/csv",
            post(
                path,
                &format!("{head}1,1\n1,1\n1,1\n1,1\n"),
                "payload_too_large",
                "3 rows at most",
            ),
        ),
        as_type(
            "text/csv",
            post(path, &"x".repeat(3000), "payload_too_large", "2500 bytes"),
        ),
        post(path, head, "unsupported_media_type", "text/csv"),
        as_type("", post(path, head, "unsupported_media_type", "text/csv")),
    ]
}

/// Paths, queries and methods.
pub(super) fn addresses() -> Vec<Case> {
    vec![
        get("/nope", "not_found", "/nope"),
        get("/v1/models/1/nope", "not_found", ""),
        get("/v1/predict/", "not_found", ""),
        get("/..%2f..%2fetc/passwd", "not_found", ""),
        get("/v1/models/99", "not_found", "no version 99"),
        get("/v1/models/0", "not_found", "no version 0"),
        get("/v1/models/-1", "not_found", "no version -1"),
        get("/v1/models/+1", "invalid_parameter", "version"),
        get("/v1/models/2147483648", "invalid_parameter", "version"),
        get(
            "/v1/models/zero",
            "invalid_parameter",
            "version expected a version's number",
        ),
        get("/v1/models/%00", "invalid_parameter", "version"),
        get(
            "/v1/models?limit=0",
            "invalid_parameter",
            "limit expected a number from 1 to 100",
        ),
        get(
            "/v1/models?limit=1e1&cursor=x",
            "invalid_parameter",
            "cursor is not a cursor",
        ),
        get(
            "/v1/training-runs/nope",
            "not_found",
            "no training run \"nope\"",
        ),
        get("/v1/training-runs/nope/refused", "not_found", "nope"),
        get(
            "/v1/training-runs?limit=0&cursor=r7",
            "invalid_parameter",
            "cursor is not a cursor",
        ),
        get("/errors/nope", "not_found", "there are: invalid_json"),
        get("/v1/predict", "invalid_parameter", "feature_1 is missing"),
        get(
            "/v1/predict?feature_1=NaN&feature_2=1",
            "invalid_parameter",
            "found NaN",
        ),
        get(
            "/v1/predict?feature_1=1e400&feature_2=1",
            "invalid_parameter",
            "too large",
        ),
        get(
            "/v1/predict?feature_1=11&feature_2=1",
            "invalid_parameter",
            "at most 10",
        ),
        get(
            "/v1/predict?feature_1=1&feature_2=1&feature_1=1",
            "invalid_parameter",
            "given twice",
        ),
        get(
            "/v1/predict?feature_1=1&feature_2=1&x=1",
            "invalid_parameter",
            "x is not a feature",
        ),
        get(
            "/v1/predict?feature_1=%ff&feature_2=1",
            "invalid_parameter",
            "is not UTF-8",
        ),
        get(
            "/predict/feature_1/x/feature_2/1",
            "invalid_parameter",
            "feature_1 expected",
        ),
        get(
            "/predict/feature_2/1/feature_1/1",
            "not_found",
            "in the configured order",
        ),
        get(
            "/predict/feature_1/1",
            "not_found",
            "in the configured order",
        ),
        case("DELETE", "/v1/predict", "method_not_allowed", ""),
        case("PUT", "/v1/models/1", "method_not_allowed", ""),
        case("POST", "/docs", "method_not_allowed", ""),
        case("POST", "/livez", "method_not_allowed", ""),
        case("PATCH", "/nope", "not_found", ""),
    ]
}
