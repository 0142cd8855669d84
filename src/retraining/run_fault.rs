//! Why a run failed, as its row keeps it.

use crate::store::{RunFault, StoreError};

/// For what the store said.
pub(super) fn store_fault(error: &StoreError) -> RunFault {
    let code = if error.is_dataset() {
        "not_trainable"
    } else if error.is_unavailable() {
        "store_unavailable"
    } else {
        "internal"
    };
    let next = match error {
        StoreError::UnknownTable { nearest: None, .. } => {
            "; [dataset] names it by table and schema, and `logitd import` makes one from a CSV"
        }
        _ => "",
    };
    RunFault {
        code: code.into(),
        detail: format!("failed to {error}{next}"),
    }
}

/// For what nobody outside can mend.
pub(super) fn internal_fault(detail: String) -> RunFault {
    RunFault {
        code: "internal".into(),
        detail,
    }
}
