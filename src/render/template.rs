//! The only constructor of a template engine. It refuses unknown names and escapes nothing, because each value of a
//! template is already quoted for its place.

use handlebars::{Handlebars, no_escape};
use serde::Serialize;

use super::RenderError;
use crate::matrix::{PackageManager, family};
use crate::version::PythonVersion;

const DOCKERFILE: &str = include_str!("../../templates/Dockerfile.hbs");
const ENTRYPOINT: &str = include_str!("../../templates/entrypoint.sh.hbs");
const SOURCES_FETCH: &str = include_str!("../../templates/sources-fetch.sh");
const SOURCES_BUILD: &str = include_str!("../../templates/sources-build.sh");
const SOURCES_NOTE: &str = include_str!("../../templates/sources-note.py");
const SSHD_CONFIG: &str = include_str!("../../templates/sshd_config.hbs");

/// The embedded files of `templates/`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Template {
    Dockerfile,
    Entrypoint,
    /// The step that downloads sources.
    SourcesFetch,
    /// The step that builds them.
    SourcesBuild,
    /// What a build's Python loads where packages are asked what they need.
    SourcesNote,
    SshdConfig,
}

impl Template {
    /// Fills in the values. They are structs of this room with quoted words and switches. Every field must be present,
    /// because an `{{#if}}` on a missing name would be false without an error.
    pub(super) fn fill(self, values: &impl Serialize) -> String {
        let text = match self {
            Self::Dockerfile => DOCKERFILE,
            Self::Entrypoint => ENTRYPOINT,
            Self::SourcesFetch => SOURCES_FETCH,
            Self::SourcesBuild => SOURCES_BUILD,
            Self::SourcesNote => SOURCES_NOTE,
            Self::SshdConfig => SSHD_CONFIG,
        };
        engine().render_template(text, values).expect("the values have every name that the template asks for")
    }
}

/// Checks that a template exists for a base and a Python, so that a refusal comes before any file is written.
///
/// # Errors
///
/// A distribution without apt, and a Python older than 3.6.
pub fn has_template(os: Option<&str>, python: &PythonVersion) -> Result<(), RenderError> {
    if let Some(os) = os.filter(|os| !family(os).is_some_and(|family| family.package_manager == PackageManager::Apt)) {
        return Err(RenderError::DistributionNotYet { os: os.to_owned() });
    }
    if python.parts() < [3, 6].as_slice() {
        return Err(RenderError::PythonNotYet { version: python.to_string() });
    }
    Ok(())
}

fn engine() -> Handlebars<'static> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(no_escape);
    engine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_escaped_for_another_place() {
        let text = engine().render_template("{{x}}", &serde_json::json!({ "x": "a>=1 & 'b'" })).unwrap();
        assert_eq!(text, "a>=1 & 'b'");
    }

    #[test]
    fn a_missing_name_is_an_error() {
        assert!(engine().render_template("{{x}}", &serde_json::json!({})).is_err());
        assert!(engine().render_template("{{a.b}}", &serde_json::json!({ "a": {} })).is_err());
    }
}
