//! One thing that a search for an alternative can change.

use super::axis::{Axis, AxisSet};
use super::problem::{Problem, Releases};
use crate::version::ReleaseVersion;

/// A value that a search for an alternative may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The nearest newer release that fits.
    Newer(usize),
    /// The nearest older release that fits.
    Older(usize),
    /// Any other release that fits.
    Release(usize),
    /// Another text of this line.
    Line(usize),
    /// The lines without the labels of builds.
    Labels,
    /// Another value of this pin.
    Open(Axis),
    /// Another driver.
    Driver,
    /// Other GPUs, all of them.
    Gpus,
    /// Compute on the CPU.
    Cpu,
    /// Compute on a GPU.
    Gpu,
    /// Use a GPU only if the machine has one.
    Optional,
    /// Move a framework to another environment.
    Drop(usize),
}

impl Step {
    /// Whether the change follows from an answer without the fact.
    pub(super) fn is_filled_in(self) -> bool {
        match self {
            Self::Newer(_) | Self::Older(_) | Self::Release(_) | Self::Line(_) | Self::Open(_) => true,
            Self::Labels | Self::Driver | Self::Gpus | Self::Gpu | Self::Optional | Self::Cpu | Self::Drop(_) => false,
        }
    }

    /// Whether the change gives up a GPU or a framework that the user wants.
    pub(super) fn gives_up(self) -> bool {
        matches!(self, Self::Cpu | Self::Optional | Self::Drop(_))
    }

    /// The pin that the step leaves open.
    pub(super) fn open_axis(self) -> Option<Axis> {
        if let Self::Open(axis) = self { Some(axis) } else { None }
    }

    /// The axes of `stated` without those that the step changes.
    pub(super) fn leave_open(self, stated: &AxisSet) -> AxisSet {
        match self {
            Self::Release(index) => stated.without(Axis::Release(index)),
            Self::Line(index) => stated.without(Axis::Line(index)),
            Self::Open(axis) => stated.without(axis),
            Self::Driver => stated.without(Axis::Driver),
            Self::Gpus => stated.without_gpus(),
            Self::Newer(_) | Self::Older(_) | Self::Labels | Self::Cpu | Self::Gpu | Self::Optional | Self::Drop(_) => {
                stated.clone()
            }
        }
    }

    /// Limits the releases of `problem` to those that the step allows.
    pub(super) fn limit_releases(self, problem: &mut Problem<'_>) {
        match self {
            Self::Newer(index) => limit(problem, index, true),
            Self::Older(index) => limit(problem, index, false),
            _ => {}
        }
    }
}

/// Limits a framework to the releases before or after the requested ones, the nearest first.
fn limit(problem: &mut Problem<'_>, index: usize, newer: bool) {
    let Some(wanted) = problem.frameworks.iter_mut().find(|wanted| wanted.index == index) else { return };
    let asked = &wanted.wish.version.value;
    let rows = &wanted.file.releases;
    let accepted = |row: &crate::matrix::rows::ReleaseRow| asked.accepts(&row.version);
    // If the matrix knows no requested release, its position among the known releases counts.
    let between = || {
        let stands = asked.text().trim_start_matches(|c: char| !c.is_ascii_digit()).parse::<ReleaseVersion>();
        stands.map_or(rows.len(), |version| rows.partition_point(|row| row.version < version))
    };
    let first = rows.iter().position(accepted).unwrap_or_else(between);
    let last = rows.iter().rposition(accepted).map_or_else(between, |last| last + 1);
    wanted.releases = if newer { Releases::From(last) } else { Releases::Before(first) };
}
