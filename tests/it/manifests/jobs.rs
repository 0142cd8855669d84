//! What runs and ends: migrations, the import, training by night and at each rollout.

use super::configuration::config_of;
use crate::support::rendered::{Rendered, number, overlay, rendered, text};
use serde_json::Value;

/// Every spec of a Job, those of CronJobs too, with the name it goes by.
fn job_specs(one: &Rendered) -> Vec<(&str, &Value)> {
    let named = |object| text(object_name(object));
    let jobs = one
        .of_kind("Job")
        .into_iter()
        .map(|job| (named(job), &job["spec"]));
    let crons = one.of_kind("CronJob").into_iter();
    let crons = crons.map(|cron| (named(cron), &cron["spec"]["jobTemplate"]["spec"]));
    jobs.chain(crons).collect()
}

fn object_name(object: &Value) -> &Value {
    &object["metadata"]["name"]
}

#[test]
fn a_job_has_a_hashed_name_a_deadline_and_a_time_to_live() {
    let mut seen = 0;
    for one in rendered() {
        for job in one.of_kind("Job") {
            let name = text(&job["metadata"]["name"]);
            one.object("ConfigMap", name);
            assert!(
                number(&job["spec"]["ttlSecondsAfterFinished"]) >= 3600,
                "{name}"
            );
            seen += 1;
        }
        for (name, spec) in job_specs(one) {
            assert!(number(&spec["activeDeadlineSeconds"]) <= 7200, "{name}");
            assert!(number(&spec["backoffLimit"]) > 0, "{name}");
            assert_eq!(spec["template"]["spec"]["restartPolicy"], "Never", "{name}");
            let rules = spec["podFailurePolicy"]["rules"].as_array().unwrap();
            let gives_up = rules
                .iter()
                .find(|rule| rule["action"] == "FailJob")
                .unwrap();
            assert_eq!(
                gives_up["onExitCodes"]["values"],
                serde_json::json!([2]),
                "{name}"
            );
        }
    }
    assert_eq!(seen, 3);
}

#[test]
fn a_job_takes_no_traffic_and_counts_for_no_budget() {
    for one in rendered() {
        for pod in one
            .pods()
            .iter()
            .filter(|pod| pod.spec["restartPolicy"] == "Never")
        {
            assert_ne!(
                pod.labels["app.kubernetes.io/component"], "service",
                "{}",
                pod.whose
            );
        }
    }
}

fn arguments(spec: &Value) -> Vec<&str> {
    let listed = spec["template"]["spec"]["containers"][0]["args"]
        .as_array()
        .unwrap();
    listed.iter().map(text).collect()
}

#[test]
fn production_migrates_by_a_job_and_its_pods_only_look() {
    let one = overlay("production");
    let specs = job_specs(one);
    let migrating = specs
        .iter()
        .filter(|(_, spec)| arguments(spec) == ["migrate", "up"]);
    assert_eq!(migrating.count(), 1);
    for pod in one.pods() {
        let container = &pod.spec["containers"][0];
        let config = config_of(one, container);
        let migrates = container["args"] == serde_json::json!(["migrate", "up"]);
        assert_eq!(config.database.migrate, migrates, "{}", pod.whose);
    }
}

#[test]
fn production_trains_by_night_and_at_each_rollout_and_never_in_the_service() {
    let one = overlay("production");
    let service = &one.object("Deployment", "logitd")["spec"]["template"]["spec"]["containers"][0];
    assert!(!config_of(one, service).training.worker);
    let specs = job_specs(one);
    let training: Vec<_> = specs
        .iter()
        .filter(|(_, spec)| arguments(spec) == ["train"])
        .collect();
    assert_eq!(training.len(), 2, "the CronJob and the rollout's Job");
    for (name, spec) in training {
        let own = &spec["template"]["spec"]["containers"][0]["resources"];
        assert_ne!(own, &service["resources"], "{name}");
    }
    let cron = &one.object("CronJob", "logitd-train")["spec"];
    assert_eq!(cron["concurrencyPolicy"], "Forbid");
    assert!(number(&cron["startingDeadlineSeconds"]) > 0);
    assert_eq!(cron["timeZone"], "Etc/UTC");
    assert_eq!(text(&cron["schedule"]).split(' ').count(), 5);
}

#[test]
fn elsewhere_the_pods_train_in_turn_and_migrate_at_their_start() {
    for name in ["embedded", "postgres"] {
        let one = overlay(name);
        let pod = &one.object("Deployment", "logitd")["spec"]["template"]["spec"];
        let config = config_of(one, &pod["containers"][0]);
        assert!(config.training.worker && config.database.migrate, "{name}");
    }
}

#[test]
fn the_example_is_imported_where_it_is_tried_out() {
    let import = serde_json::json!(["import", "--example", "breast-cancer"]);
    let embedded = &overlay("embedded").object("Deployment", "logitd")["spec"]["template"]["spec"];
    assert_eq!(embedded["initContainers"][0]["args"], import);
    let specs = job_specs(overlay("postgres"));
    assert_eq!(specs.len(), 1);
    assert_eq!(
        arguments(specs[0].1),
        ["import", "--example", "breast-cancer"]
    );
    assert!(!overlay("production").text.contains("--example"));
}
