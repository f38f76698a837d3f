//! Shows errors as the user reads them, for the tests of every error.
//!
//! A list of errors has a value of each variant of one enum. Each value is shown below its kind and its exit code.

use super::Paint;
use super::page::Page;
use super::snippet::describe_on;
use crate::error::Report;

/// Makes the values of an enum. The match has no wildcard, so a variant without a value does not compile.
macro_rules! each_variant {
    ($name:ident; $($variant:ident $fields:tt,)*) => {{
        #[allow(unreachable_patterns, reason = "a variant can have several values")]
        let _ = |value: &$name| match value { $($name::$variant { .. })|* => () };
        [$($name::$variant $fields,)*]
    }};
}

pub(crate) use each_variant;

/// Shows errors as a terminal of 80 columns without colours does.
pub fn shown_errors<R: Report>(errors: &[R]) -> String {
    let page = Page { width: Some(80), paint: Paint(false) };
    let one = |error: &R| format!("# {}, exit code {}\n{}", error.kind(), error.exit() as u8, describe_on(page, error));
    errors.iter().map(one).collect::<Vec<_>>().join("\n")
}
