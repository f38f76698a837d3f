//! One thing that a search for an alternative can change.

use super::axis::{Axis, AxisSet};
use super::problem::{Problem, Releases};
use crate::version::ReleaseVersion;

/// Something that may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The nearest newer release that fits.
    Newer(usize),
    /// The nearest older one.
    Older(usize),
    /// Any other release that fits.
    Release(usize),
    /// Another value of this pin.
    Open(Axis),
    /// Another driver.
    Driver,
    /// Other GPUs, all of them.
    Gpus,
    /// Compute on the CPU.
    Cpu,
    /// Use a GPU only where there is one.
    Optional,
    /// Leave a framework to another environment.
    Drop(usize),
}

impl Step {
    /// Whether its change is read off an answer found without it.
    pub(super) fn is_filled_in(self) -> bool {
        match self {
            Self::Newer(_) | Self::Older(_) | Self::Release(_) | Self::Open(_) => true,
            Self::Driver | Self::Gpus | Self::Optional | Self::Cpu | Self::Drop(_) => false,
        }
    }

    /// Whether it gives up what was wanted: the GPU, or a framework.
    pub(super) fn gives_up(self) -> bool {
        matches!(self, Self::Cpu | Self::Optional | Self::Drop(_))
    }

    /// What is `stated` without what the step leaves open.
    pub(super) fn leave_open(self, stated: &AxisSet) -> AxisSet {
        match self {
            Self::Release(index) => stated.without(Axis::Release(index)),
            Self::Open(axis) => stated.without(axis),
            Self::Driver => stated.without(Axis::Driver),
            Self::Gpus => stated.without_gpus(),
            Self::Newer(_) | Self::Older(_) | Self::Cpu | Self::Optional | Self::Drop(_) => stated.clone(),
        }
    }

    /// Limits the releases of `problem` to those that the step may lead to.
    pub(super) fn limit_releases(self, problem: &mut Problem<'_>) {
        match self {
            Self::Newer(index) => limit(problem, index, true),
            Self::Older(index) => limit(problem, index, false),
            _ => {}
        }
    }
}

/// Releases before or after those asked for, the nearest first.
fn limit(problem: &mut Problem<'_>, index: usize, newer: bool) {
    let Some(wanted) = problem.frameworks.iter_mut().find(|wanted| wanted.index == index) else { return };
    let asked = &wanted.wish.version.value;
    let rows = &wanted.file.releases;
    let accepted = |row: &crate::matrix::rows::ReleaseRow| asked.accepts(&row.version);
    // Where none of them is known: where they would stand among those that are.
    let between = || {
        let stands = asked.text().trim_start_matches(|c: char| !c.is_ascii_digit()).parse::<ReleaseVersion>();
        stands.map_or(rows.len(), |version| rows.partition_point(|row| row.version < version))
    };
    let first = rows.iter().position(accepted).unwrap_or_else(between);
    let last = rows.iter().rposition(accepted).map_or_else(between, |last| last + 1);
    wanted.releases = if newer { Releases::From(last) } else { Releases::Before(first) };
}
