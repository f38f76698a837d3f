//! Describes the errors with values that only `ui` can describe.
//!
//! Every other error has its own sentence and hints.

use super::conflict::message;
use super::grants::{item, not_granted};
use super::pieces::literals;
use super::setup_steps::cannot_set_up;
use super::source_lacks::unbuildable;
use super::staleness::stale;
use super::tries;
use crate::error::Report;
use crate::grants::GrantError;
use crate::lock::{LockError, PackagesRefused};
use crate::reconcile::ReconcileError;
use crate::resolve::{Conflict, RequestError};
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
        if let Some(conflict) = error.downcast_ref::<Conflict>() {
            return Self { sentence: message(conflict), ..own };
        }
        if let Some(ReconcileError::NotBuildable(why)) = error.downcast_ref() {
            return Self { sentence: format!("{}: {}", own.sentence, unbuildable(why)), ..own };
        }
        if let Some(LockError::Stale { reasons, .. }) = error.downcast_ref() {
            let reasons = reasons.iter().map(stale).collect::<Vec<_>>().join("; ");
            return Self { sentence: format!("{}: {reasons}", own.sentence), ..own };
        }
        if let Some(refused) = error.downcast_ref::<PackagesRefused>() {
            return Self { hints: tries::refused_hints(refused), list: tries::items(&refused.tried), ..own };
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
        RequestError::UnknownGpu { name, origin, maker: Some(maker), .. } => {
            format!("`{name}` ({origin}) is a GPU of {maker}, and envctl serves NVIDIA's GPUs and the CPU")
        }
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
        RequestError::UnknownGpu { maker: Some(_), .. } => {
            vec!["name no GPU and compute on the CPU: `envctl check --cpu`, or `[gpu] devices = \"none\"`".to_owned()]
        }
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
mod tests;
