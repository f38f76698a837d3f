//! Selects the image that provides CUDA for a base.

use std::cmp::Reverse;

use super::candidate::Candidate;
use super::decision::PythonSource;
use super::problem::Problem;
use super::solution::{CudaNeed, InstallBase};
use super::unbuildable::SourceLack;
use crate::matrix::rows::{DistributionRow, ImageRow};

/// The image that provides the needed CUDA. If no such image is available and the manifest does not ask for the
/// toolkit, the nearest later minor release of the major serves. The cuDNN is exactly the needed line, else a later one
/// of its major, which runs builds for an earlier one.
pub(super) fn cuda_image<'a>(
    problem: &Problem<'a>,
    row: &'a DistributionRow,
    need: &CudaNeed,
) -> Option<(String, &'a ImageRow)> {
    let rows = problem.rows.images();
    let brings = |image: &ImageRow| closeness(image, need) > 0 && image.arch.contains(&problem.arch);
    let exact = |image: &ImageRow| image.framework.is_none() && image.cuda.within(&need.cuda) && brings(image);
    let later = !need.asked && !rows.iter().any(|image| image.unbuildable.is_none() && exact(image));
    let fits = |image: &&ImageRow| {
        image.framework.is_none()
            && (image.cuda.within(&need.cuda) || (later && problem.rows.keeps_library_names(&image.cuda, &need.cuda)))
            && image.arch.contains(&problem.arch)
            && (need.cudnn.is_none() || has_cudnn_kernels(problem, image))
    };
    let tag = |image: &'a ImageRow| {
        let tag = image.tags.get(need.flavour.key(need.cudnn.is_some()))?;
        Some((format!("{}:{tag}", image.repository), image))
    };
    let rank = |image: &ImageRow| {
        let closeness = closeness(image, need);
        let exact = image.cuda.within(&need.cuda);
        let nearest = Reverse((!exact).then(|| image.cuda.prefix(2)));
        (closeness > 0).then_some((image.unbuildable.is_none(), exact, closeness, nearest))
    };
    let places = problem.rows.images_of(&row.id);
    let candidates = places
        .iter()
        .map(|place| &rows[*place])
        .filter(fits)
        .filter_map(|image| Some((rank(image)?, &image.cuda, tag(image)?)));
    candidates.max_by(|(a, older, _), (b, newer, _)| a.cmp(b).then(older.cmp(newer))).map(|(_, _, found)| found)
}

/// The rank of an image's cuDNN: 2 is the needed line (or none is needed), 1 is a later one of its major, 0 does not
/// serve.
fn closeness(image: &ImageRow, need: &CudaNeed) -> u8 {
    match (&need.cudnn, &image.cudnn) {
        (None, _) => 2,
        (Some(needed), Some(brought)) if brought.within(needed) => 2,
        (Some(needed), Some(brought)) if brought.major() == needed.major() && brought >= needed => 1,
        _ => 0,
    }
}

fn has_cudnn_kernels(problem: &Problem<'_>, image: &ImageRow) -> bool {
    let row = image.cudnn.as_ref().and_then(|cudnn| problem.rows.cudnn_release(cudnn));
    row.is_none_or(|row| problem.gpus.iter().all(|card| row.serves(card.capability)))
}

/// The image of the framework's makers for exactly that release, else for another patch release of its line, which
/// expects the same libraries. It serves if no CUDA image is available, and it brings its own Python.
pub(super) fn framework_image<'a>(
    problem: &Problem<'a>,
    chosen: &[Candidate<'a>],
    row: &'a DistributionRow,
    need: &CudaNeed,
) -> Option<InstallBase<'a>> {
    let [candidate] = chosen else { return None };
    let (id, version) = (problem.frameworks.first()?.id, &candidate.release.version);
    let [major, minor, ..] = version.pep440().release() else { return None };
    let (held, line) = (format!("{id} {version}"), format!("{id} {major}.{minor}."));
    let serves = |image: &&ImageRow| {
        image.cuda.within(&need.cuda) && image.arch.contains(&problem.arch) && image.unbuildable.is_none()
    };
    let rows = problem.rows.images();
    let places = problem.rows.images_of(&row.id);
    let serving = || places.iter().rev().map(|place| &rows[*place]).filter(serves);
    let of_line = |image: &&ImageRow| {
        closeness(image, need) > 0 && image.framework.as_ref().is_some_and(|framework| framework.starts_with(&line))
    };
    let image = serving().find(|image| image.framework.as_ref() == Some(&held)).or_else(|| serving().find(of_line))?;
    let python = image.python.clone().or_else(|| row.python.clone())?;
    if !problem.takes(&python) || !candidate.installs(problem, &python, Some(&row.glibc)) {
        return None;
    }
    let flavours = [need.flavour.key(true), need.flavour.key(false)];
    let tag = flavours.iter().find_map(|flavour| image.tags.get(*flavour))?;
    let (source, unbuildable) = (PythonSource::Image, SourceLack::of_row(row.unbuildable.as_ref()));
    let (image, image_cudnn) = (format!("{}:{tag}", image.repository), image.cudnn.as_ref());
    Some(InstallBase { os: Some(row), image, image_cudnn, python, source, exact: true, unbuildable })
}
