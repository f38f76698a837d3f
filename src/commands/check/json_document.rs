//! The document that `check --json` prints.
//!
//! It names the compatibility data that the answer is from.

use serde_json::{Value, json};

use crate::matrix::Matrix;

/// Returns an answer under `key`, with the compatibility data that it is from.
pub(super) fn document(matrix: &Matrix, ok: bool, key: &str, value: Value) -> Value {
    let mut document = json!({"schema": 1, "ok": ok});
    document[key] = value;
    document["matrix"] = json!({"revision": matrix.revision()});
    if !matrix.notices().is_empty() {
        document["matrix"]["notices"] = json!(matrix.notices());
    }
    document
}
