//! Who is speaking: the resource of everything that is exported.

use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;

/// What `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say, completed: `logitd` of this version,
/// and an id for this process alone, so that two replicas are never taken for one.
pub(super) fn resource() -> Resource {
    // With the SDK's own detectors, which read the two variables.
    let named = Resource::builder().build();
    let get = |name| {
        named
            .get(&Key::from_static_str(name))
            .map(|value| value.to_string())
    };
    let unnamed = |name: &String| name.starts_with("unknown_service");
    let mut builder = Resource::builder();
    if get("service.name").is_none_or(|name| unnamed(&name)) {
        builder = builder.with_service_name("logitd");
    }
    let missing = [
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id", uuid::Uuid::new_v4().to_string()),
    ];
    for (name, value) in missing {
        if get(name).is_none() {
            builder = builder.with_attribute(KeyValue::new(name, value));
        }
    }
    builder.build()
}
