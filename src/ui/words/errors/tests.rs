//! Tests of every error as the user reads it: the message, the lines of other programs and the hints.
//!
//! Each list has a value of each variant of one enum. Each value is shown below its kind and its exit code.

use super::*;
use crate::error::Snippet;
use crate::grants::{Grant, GrantKind};
use crate::lock::Stale;
use crate::manifest::Arch;
use crate::resolve::{FactOrigin, SourceLack, Unbuildable};
use crate::setup::{MissingPart, Need};
use crate::ui::Paint;
use crate::ui::page::Page;
use crate::ui::snippet::{describe, describe_on};

/// Makes the values of an enum. The match has no wildcard, so a variant without a value does not compile.
macro_rules! each_variant {
    ($name:ident; $($variant:ident $fields:tt,)*) => {{
        #[allow(unreachable_patterns, reason = "a variant can have several values")]
        let _ = |error: &$name| match error { $($name::$variant { .. })|* => () };
        [$($name::$variant $fields,)*]
    }};
}

mod bootstrap;
mod connect;
mod engine;
mod files;
mod lock;
mod manifest;
mod matrix;
mod mounts;
mod packages;
mod project;
mod reconcile;
mod render;
mod setup;

/// Shows errors as a terminal of 80 columns without colours does.
fn shown<R: Report>(errors: &[R]) -> String {
    let page = Page { width: Some(80), paint: Paint(false) };
    let one = |error: &R| format!("# {}, exit code {}\n{}", error.kind(), error.exit() as u8, describe_on(page, error));
    errors.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// Returns a place in a manifest.
fn place(label: &str) -> Vec<Snippet> {
    let text = "[table]\nkey = \"value\"\n".to_owned();
    vec![Snippet { path: "envctl.toml".into(), text, span: 14..21, label: label.to_owned() }]
}

#[test]
fn errors_that_hold_values() {
    let missing = vec![MissingPart::Engine, MissingPart::Program(Need::Certificates), MissingPart::Toolkit];
    let not_granted = |grants| GrantError::NotGranted { grants, verb: "up", at: Vec::new() };
    let gpu = |near: &[&str]| RequestError::UnknownGpu {
        name: "RTX 9999".to_owned(),
        origin: FactOrigin::CommandLine("--gpu"),
        near: near.iter().map(ToString::to_string).collect(),
        maker: None,
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
        &not_granted(vec![Grant::for_tests(GrantKind::Mounts, "/srv")]),
        &not_granted(vec![Grant::for_tests(GrantKind::Mounts, "/srv"), Grant::for_tests(GrantKind::Mounts, "/mnt")]),
        &SetupError::UnknownDistribution { distribution: Some("rocky:9.4".to_owned()), missing },
        &SetupError::UnknownDistribution { distribution: None, missing: vec![MissingPart::Program(Need::Ps)] },
        &gpu(&["RTX 4090", "RTX 5090"]),
        &gpu(&[]),
        &framework(&["pytorch"]),
        &framework(&["jax", "pytorch"]),
    ];
    insta::assert_snapshot!(errors.map(|error| describe(error, false)).join("\n"));
}
