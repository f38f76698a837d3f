//! Describes the reason for each choice of the resolver.
//!
//! The reasons are values of `resolve`.

use serde::Serialize;

use super::misfits::misfit;
use super::pieces::span;
use crate::resolve::{BaseChoice, BuildChoice, ChoiceReason, PythonSource};
use crate::version::{PythonVersion, VersionRequest};

/// The words for a choice of the resolver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::ui) struct ReasonWords {
    /// `pytorch`, `python`, `base`, …
    pub(in crate::ui) what: String,
    /// The chosen value.
    pub(in crate::ui) value: String,
    /// The reason, a sentence without its full stop.
    pub(in crate::ui) why: String,
}

/// Describes the reason for a choice.
pub(in crate::ui) fn reason(reason: &ChoiceReason) -> ReasonWords {
    let words = |what: String, value: String, why: String| ReasonWords { what, value, why };
    match reason {
        ChoiceReason::Release { framework, version, asked, newer } => {
            let newer = newer.as_ref().map(|(newer, why)| format!(" that fits; {newer} {}", misfit(why)));
            let why = format!("the newest release{}{}", of_asked(asked.as_ref()), newer.unwrap_or_default());
            words(framework.to_string(), version.to_string(), why)
        }
        ChoiceReason::Build { framework, variant, why } => {
            words(format!("{framework} build"), variant.clone(), build(why))
        }
        ChoiceReason::Cuda { version, asked } => {
            let meant = asked.as_ref().map(|asked| format!("`{asked}` means and ")).unwrap_or_default();
            let why = format!("the newest release that {meant}driver and GPUs run");
            words("cuda".to_owned(), version.to_string(), why)
        }
        ChoiceReason::Python { version, source, os, image, asked, common } => {
            let from = python_source(*source, os.as_deref(), image);
            words("python".to_owned(), version.to_string(), python(&from, *asked, common))
        }
        ChoiceReason::Base { image, why } => words("base".to_owned(), image.clone(), base(*why).to_owned()),
    }
}

fn of_asked(asked: Option<&VersionRequest>) -> String {
    asked.map(|asked| format!(" of `{asked}`")).unwrap_or_default()
}

fn build(why: &BuildChoice) -> String {
    match why {
        BuildChoice::Only => "the only build there is".to_owned(),
        BuildChoice::Default => "the build its makers publish as the default".to_owned(),
        BuildChoice::NewestCuda { default, misfit: why } => {
            format!("the newest CUDA that fits; the default build {default} {}", misfit(why))
        }
    }
}

fn python_source(source: PythonSource, os: Option<&str>, image: &str) -> String {
    let os = os.unwrap_or("the image");
    match source {
        PythonSource::Distribution => format!("the one that {os} ships"),
        PythonSource::Managed => format!("a build of its own: {os} ships another one"),
        PythonSource::Image => format!("the one in {image}"),
    }
}

fn python(from: &str, asked: bool, common: &[PythonVersion]) -> String {
    match (asked, common) {
        (true, _) => format!("asked for; {from}"),
        (false, []) => from.to_owned(),
        (false, common) => format!("{from}; the frameworks have wheels for {}", span(common)),
    }
}

fn base(why: BaseChoice) -> &'static str {
    match why {
        BaseChoice::Image => "asked for",
        BaseChoice::Distribution => "asked for; the wheels bring all the CUDA they need",
        BaseChoice::DistributionWithCuda => "the smallest image with the CUDA needed on the base asked for",
        BaseChoice::WithCuda => "the smallest image with the CUDA needed",
        BaseChoice::ShipsPython => "the newest maintained Ubuntu LTS that ships this Python",
        BaseChoice::Newest => "the newest maintained Ubuntu LTS: none ships this Python",
    }
}
