//! The document that `check --json` prints.

use serde_json::{Value, json};

use crate::matrix::Matrix;

/// An answer under `key`, with the compatibility data that it comes from.
pub(super) fn document(matrix: &Matrix, ok: bool, key: &str, value: Value) -> Value {
    let mut document = json!({"schema": 1, "ok": ok});
    document[key] = value;
    document["matrix"] = json!({"revision": matrix.revision()});
    if !matrix.notices().is_empty() {
        document["matrix"]["notices"] = json!(matrix.notices());
    }
    document
}
