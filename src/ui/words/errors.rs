//! Describes the errors with values that only `ui` can describe.
//!
//! Every other error has its own sentence and hints.

use super::grants::{item, not_granted};
use super::pieces::literals;
use super::setup_steps::cannot_set_up;
use super::source_lacks::unbuildable;
use super::staleness::stale;
use crate::error::Report;
use crate::grants::GrantError;
use crate::lock::LockError;
use crate::reconcile::ReconcileError;
use crate::resolve::RequestError;
use crate::setup::SetupError;
use crate::text::redacted;
use crate::ui::page::ListItem;

/// The words of an error.
#[derive(Debug)]
pub(in crate::ui) struct ErrorWords {
    /// One sentence without its full stop.
    pub(in crate::ui) sentence: String,
    /// The hints, one action in each line.
    pub(in crate::ui) hints: Vec<String>,
    /// The objects of the sentence, one item for each.
    pub(in crate::ui) list: Vec<ListItem>,
    /// Lines of another program, or lines to copy, unchanged.
    pub(in crate::ui) output: Vec<String>,
}

impl ErrorWords {
    /// Describes this error without its causes.
    pub(in crate::ui) fn of(report: &dyn Report) -> Self {
        let own =
            Self { sentence: report.to_string(), hints: report.hints(), list: Vec::new(), output: report.output() };
        let error: &(dyn std::error::Error + 'static) = report;
        if let Some(ReconcileError::NotBuildable(why)) = error.downcast_ref() {
            return Self { sentence: format!("{}: {}", own.sentence, unbuildable(why)), ..own };
        }
        if let Some(LockError::Stale { reasons, .. }) = error.downcast_ref() {
            let reasons = reasons.iter().map(stale).collect::<Vec<_>>().join("; ");
            return Self { sentence: format!("{}: {reasons}", own.sentence), ..own };
        }
        if let Some(GrantError::NotGranted { grants, .. }) = error.downcast_ref() {
            return Self { sentence: not_granted(grants), list: grants.iter().map(item).collect(), ..own };
        }
        if let Some(SetupError::UnknownDistribution { distribution, missing }) = error.downcast_ref() {
            return Self { sentence: cannot_set_up(distribution.as_deref(), missing), ..own };
        }
        if let Some(error) = error.downcast_ref::<RequestError>() {
            return Self { sentence: unknown(error), hints: unknown_hints(error), ..own };
        }
        own
    }

    /// Returns the words without passwords.
    pub(in crate::ui) fn redacted(self) -> Self {
        let all = |texts: Vec<String>| texts.iter().map(|text| redacted(text)).collect();
        Self {
            sentence: redacted(&self.sentence),
            hints: all(self.hints),
            list: self.list.iter().map(ListItem::redacted).collect(),
            output: all(self.output),
        }
    }
}

/// Describes a request for something that the compatibility data does not contain.
fn unknown(error: &RequestError) -> String {
    match error {
        RequestError::UnknownFramework { id, .. } => format!("`{id}` is not a framework that envctl knows"),
        RequestError::UnknownGpu { name, origin, .. } => format!("`{name}` ({origin}) is not a GPU that envctl knows"),
    }
}

fn unknown_hints(error: &RequestError) -> Vec<String> {
    match error {
        RequestError::UnknownFramework { near, .. } => match &near[..] {
            [] => vec!["`envctl matrix list` shows the frameworks it knows".to_owned()],
            [only] => vec![format!("write `{only}`")],
            several => vec![format!("it knows {}", literals(several))],
        },
        RequestError::UnknownGpu { near, .. } => {
            let similar = (!near.is_empty()).then(|| format!("similar names: {}", literals(near)));
            let always = [
                "name its compute capability instead, such as `8.6`".to_owned(),
                "`--allow-unknown` goes on without checking this GPU".to_owned(),
            ];
            similar.into_iter().chain(always).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::{Grant, GrantKind};
    use crate::lock::Stale;
    use crate::manifest::Arch;
    use crate::resolve::{FactOrigin, SourceLack, Unbuildable};
    use crate::setup::{MissingPart, Need};
    use crate::ui::snippet::describe;

    fn grant(what: &str) -> Grant {
        Grant {
            kind: GrantKind::Mounts,
            what: what.to_owned(),
            extent: String::new(),
            by_image: false,
            content: None,
            overlay: None,
            span: None,
            place: None,
            changed: false,
        }
    }

    #[test]
    fn errors_that_hold_values() {
        let missing = vec![MissingPart::Engine, MissingPart::Program(Need::Certificates), MissingPart::Toolkit];
        let not_granted = |grants| GrantError::NotGranted { grants, verb: "up", at: Vec::new() };
        let gpu = |near: &[&str]| RequestError::UnknownGpu {
            name: "RTX 9999".to_owned(),
            origin: FactOrigin::CommandLine("--gpu"),
            near: near.iter().map(ToString::to_string).collect(),
            snippet: None,
        };
        let framework = |near: &[&str]| RequestError::UnknownFramework {
            id: "torch".parse().unwrap(),
            near: near.iter().map(|name| name.parse().unwrap()).collect(),
            snippet: None,
        };
        let lack = SourceLack::Gone("its makers do not serve it any more".to_owned());
        let stale = vec![Stale::NoGpu, Stale::OtherArch { locked: Arch::X86_64, found: Arch::Aarch64 }];
        let errors: [&dyn Report; 10] = [
            &ReconcileError::NotBuildable(Box::new(Unbuildable { release: None, lack })),
            &LockError::Stale { path: "envctl.lock".into(), reasons: stale },
            &not_granted(vec![grant("/srv")]),
            &not_granted(vec![grant("/srv"), grant("/mnt")]),
            &SetupError::UnknownDistribution { distribution: Some("rocky:9.4".to_owned()), missing },
            &SetupError::UnknownDistribution { distribution: None, missing: vec![MissingPart::Program(Need::Ps)] },
            &gpu(&["RTX 4090", "RTX 5090"]),
            &gpu(&[]),
            &framework(&["pytorch"]),
            &framework(&["jax", "pytorch"]),
        ];
        insta::assert_snapshot!(errors.map(|error| describe(error, false)).join("\n"));
    }
}
