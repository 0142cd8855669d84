//! The calls that write and read labelled rows in the user's table, where `[observations]` lets them.

use super::answer::JsonAnswer;
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::instance::{Faults, pointer};
use super::observation::ObservationBatch;
use super::observation_body::{
    KeyMark, ObservationBody, ObservationDeleted, ObservationList, ObservationsWritten,
};
use super::observation_parts::check_key;
use super::observation_payload::{ObservationValueBody, ObservationsBody};
use super::openapi::ApiTag;
use super::page::Page;
use super::problem::ProblemFault;
use super::state::ApiState;
use crate::learning::Schema;
use crate::retraining::{
    ObservationFault, ObservationKey, ObservationPart, ObservationTable, StoreError,
};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};

pub(super) struct ObservationApi;

#[OpenApi(tag = "ApiTag::Observations")]
impl ObservationApi {
    /// Write observations
    ///
    /// One labelled row, or many as `{"observations": [...]}`: all or nothing. A row replaces the
    /// one with its key. What cannot be written is told at once, whether the schema, a class or a
    /// column of the table refuses it. The next training run learns from them.
    #[oai(
        path = "/v1/observations",
        method = "post",
        operation_id = "write_observations"
    )]
    async fn write_observations(
        &self,
        state: Data<&ApiState>,
        observations: ObservationsBody,
    ) -> Result<JsonAnswer<ObservationsWritten>, ApiError> {
        let written = observations.0.rows.len();
        write(&state, observations.0).await?;
        Ok(JsonAnswer(ObservationsWritten {
            written: u32::try_from(written).unwrap_or(u32::MAX),
        }))
    }

    /// List the observations
    ///
    /// In the order of their keys, a page at a time. Rows without a key are left out.
    #[oai(
        path = "/v1/observations",
        method = "get",
        operation_id = "list_observations"
    )]
    async fn list_observations(
        &self,
        state: Data<&ApiState>,
        /// How many to a page, from 1 to 100; 20 unless told.
        limit: Query<Option<String>>,
        /// Where the page begins: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<JsonAnswer<ObservationList>, ApiError> {
        let (limit, cursor) = (limit.0.as_deref(), cursor.0.as_deref());
        let page = Page::by('o', KeyMark::read, limit, cursor)?;
        let after = page.before.as_ref().map(|mark| &mark.0);
        let listed = table(&state)?.list(after, page.fetched()).await;
        let mut observations = listed.map_err(failed)?;
        let next_cursor = page.cut(&mut observations, |last| KeyMark(last.key.clone()));
        let schema = &state.schema;
        let items = observations.into_iter();
        Ok(JsonAnswer(ObservationList {
            items: items.map(|one| ObservationBody::of(schema, one)).collect(),
            next_cursor,
        }))
    }

    /// Show one observation
    ///
    /// The row with this key, as the table has it.
    #[oai(
        path = "/v1/observations/:key",
        method = "get",
        operation_id = "get_observation"
    )]
    async fn get_observation(
        &self,
        state: Data<&ApiState>,
        /// What names it.
        key: Path<String>,
    ) -> Result<JsonAnswer<ObservationBody>, ApiError> {
        let table = table(&state)?;
        let key = spelled(table, &key.0).await?;
        match table.find(&key).await.map_err(failed)? {
            Some(found) => Ok(JsonAnswer(ObservationBody::of(&state.schema, found))),
            None => Err(unknown(&key)),
        }
    }

    /// Write one observation
    ///
    /// The row with this key, new or in the place of the one that is there. The answer is the row
    /// as the table has it.
    #[oai(
        path = "/v1/observations/:key",
        method = "put",
        operation_id = "put_observation"
    )]
    async fn put_observation(
        &self,
        state: Data<&ApiState>,
        /// What names it.
        key: Path<String>,
        observation: ObservationValueBody,
    ) -> Result<JsonAnswer<ObservationBody>, ApiError> {
        let table = table(&state)?;
        let key = spelled(table, &key.0).await?;
        let mut batch = observation.0;
        for row in &mut batch.rows {
            let other = row.key.replace(key.clone());
            if other.is_some_and(|other| other.to_string() != key.to_string()) {
                let detail = "is another than the key in the address; leave it out";
                batch.faults.add(|| ProblemFault::at("/key".into(), detail));
            }
        }
        write(&state, batch).await?;
        match table.find(&key).await.map_err(failed)? {
            Some(found) => Ok(JsonAnswer(ObservationBody::of(&state.schema, found))),
            None => {
                let detail = "it was written, and somebody else has deleted it since";
                Err(ApiError::new(ErrorCode::Conflict, detail))
            }
        }
    }

    /// Delete one observation
    ///
    /// The row with this key. It may be the last of its class: training then keeps what serves.
    #[oai(
        path = "/v1/observations/:key",
        method = "delete",
        operation_id = "delete_observation"
    )]
    async fn delete_observation(
        &self,
        state: Data<&ApiState>,
        /// What names it.
        key: Path<String>,
    ) -> Result<ObservationDeleted, ApiError> {
        let table = table(&state)?;
        let key = spelled(table, &key.0).await?;
        if table.delete(&key).await.map_err(failed)? {
            return Ok(ObservationDeleted::Deleted);
        }
        Err(unknown(&key))
    }
}

/// Only a service without observations has none, and there no route leads here.
fn table(state: &ApiState) -> Result<&ObservationTable, ApiError> {
    state.observations.as_ref().ok_or_else(ApiError::internal)
}

/// Judges all of it, then writes all of it.
async fn write(state: &ApiState, batch: ObservationBatch) -> Result<(), ApiError> {
    let ObservationBatch {
        rows,
        pointers,
        mut faults,
    } = batch;
    let told = |found: Vec<ObservationFault>, faults: &mut Faults| {
        for fault in found {
            let at = pointers.get(fault.place).map_or("", String::as_str);
            faults.add(|| ProblemFault::at(place(&state.schema, at, fault.part), fault.detail));
        }
    };
    let (one, many) = ("value of the observations", "values of the observations");
    let writer = match table(state)?.writer().await {
        Ok(writer) => {
            told(writer.judge(&rows), &mut faults);
            Some(writer)
        }
        // What is known to be wrong is told, whatever became of the database.
        Err(_) if !faults.is_empty() => None,
        Err(error) => return Err(failed(error)),
    };
    if let (Some(writer), true) = (writer, faults.is_empty()) {
        told(writer.write(&rows).await.map_err(failed)?, &mut faults);
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(faults.into_error(ErrorCode::InvalidInstance, one, many))
}

fn place(schema: &Schema, at: &str, part: ObservationPart) -> String {
    match part {
        ObservationPart::Whole => at.to_owned(),
        ObservationPart::Key => pointer(at, "key"),
        ObservationPart::Label => pointer(at, "label"),
        ObservationPart::Order => pointer(at, "order"),
        ObservationPart::Feature(index) => {
            let name = schema
                .features()
                .get(index)
                .map(|feature| feature.name.as_str());
            pointer(&pointer(at, "features"), name.unwrap_or_default())
        }
    }
}

/// The key that the address spells.
async fn spelled(table: &ObservationTable, text: &str) -> Result<ObservationKey, ApiError> {
    let refused = |detail: String| ApiError::parameters(vec![ProblemFault::of("key", detail)]);
    check_key(text).map_err(refused)?;
    let key = table.spelled_key(text).await.map_err(failed)?;
    key.ok_or_else(|| {
        refused(format!(
            "expected an integer, as the column takes, found {text:?}"
        ))
    })
}

fn unknown(key: &ObservationKey) -> ApiError {
    let detail = format!("there is no observation with the key {:?}", key.to_string());
    ApiError::new(ErrorCode::NotFound, detail)
}

fn failed(error: StoreError) -> ApiError {
    let mut failed = if error.is_unavailable() {
        let detail = "the database cannot serve now; predictions go on without it";
        ApiError::new(ErrorCode::StoreUnavailable, detail)
    } else {
        ApiError::internal()
    };
    failed.source = Some(Box::new(error));
    failed
}
