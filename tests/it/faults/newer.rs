//! A later logitd has changed the tables that this one serves from.

use super::{PREDICT, hasty, is_well_again, load, store};
use crate::migrations::newer_step;
use crate::support::app::{PATIENCE, TestApp};
use crate::support::database::on_both;
use crate::support::eventually::eventually;
use crate::support::training::train_champion;
use logitd::health::CheckState;
use logitd::lifecycle::Stop;

on_both!(
    a_newer_step_is_left_alone_and_everything_works,
    |database| async {
        load(&database.connect().await).await;
        let config = hasty(&database.url(), &[]);
        train_champion(&config).await;
        newer_step(&database, "m29991231_000001_add_what_is_not_known_yet").await;
        let app = TestApp::start(config).await;
        app.champion().await;
        is_well_again(&app, 1001).await;
        assert!(app.stop(Stop::Now).await);
    }
);

on_both!(
    a_step_that_breaks_this_release_is_refused_at_the_start_and_ends_nothing_that_serves,
    |database| async {
        load(&database.connect().await).await;
        let config = hasty(&database.url(), &[]);
        train_champion(&config).await;
        let old = TestApp::start(config.clone()).await;
        old.champion().await;
        newer_step(&database, "m29991231_000001_breaks_before_9_0_drop_a_table").await;
        let new = TestApp::start(config).await;
        let told = async || match store(&new) {
            CheckState::Down(detail) => detail.contains("run 9.0 or newer").then_some(()),
            _ => None,
        };
        eventually(PATIENCE, "the release that is needed is told", told).await;
        assert_eq!(new.client.get("/livez").await.status, 200);
        new.client.get("/readyz").await.problem("model_not_ready");
        new.client.get(PREDICT).await.problem("model_not_ready");
        // In a rollout the old ones answer until the new have taken over.
        assert_eq!(old.client.get(PREDICT).await.status, 200);
        assert_eq!(old.client.get("/readyz").await.status, 200);
        assert!(new.stop(Stop::Now).await);
        assert!(old.stop(Stop::Now).await);
    }
);
