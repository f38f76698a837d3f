//! Prints the errors of a wrong command line, and the texts of `--help` and `--version`. clap writes these texts.
//!
//! With `--json`, a wrong command line also gets a JSON document.

use std::ffi::OsString;

use serde_json::json;

use crate::error::Exit;

use super::plain;
use super::printer::write_all;

/// Prints clap's message. With `--json` among the arguments, a wrong command line also gets a document.
#[must_use]
pub fn usage(error: &clap::Error, arguments: &[OsString]) -> Exit {
    // A closed pipe is not an error: its reader has read enough.
    let _ = error.print();
    if !error.use_stderr() {
        return Exit::Done;
    }
    if arguments.iter().any(|argument| argument == "--json") {
        let message = error.to_string();
        let message = message.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let error = json!({"kind": "usage", "message": message, "hints": [], "span": null});
        let document = json!({"schema": 1, "ok": false, "error": error});
        write_all(&mut std::io::stdout().lock(), &format!("{}\n", plain::json(&document.to_string())));
    }
    Exit::Usage
}
