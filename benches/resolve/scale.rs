//! Enlarges the matrix as many years of releases would. The result is valid and gives the same answers.

use envctl::matrix::rows::{BuildRow, CudaRow, CudnnRow, DistributionRow, FrameworkFile, GpuRow, ImageRow, ReleaseRow};
use envctl::matrix::{Matrix, Tables};
use envctl::version::{CudaVersion, ReleaseVersion};

/// `times` as many releases of each framework, GPU products, distributions with their images, CUDA and cuDNN releases.
///
/// - A release becomes a series of patch releases: `2.4.1` becomes `2.4.10` to `2.4.19`, whose builds differ in the `nvidia-*`
///   releases they pin, as those of real patch releases do. The last one pins what the original pins.
/// - GPU products and distributions get namesakes that nobody asks for, the images of those distributions with them.
/// - CUDA goes on with majors that no build is made for and no driver of today runs, cuDNN with releases for those.
///
/// Only capabilities stay as they are: a hundred times as many generations of GPUs would be two centuries.
pub fn scaled(matrix: &Matrix, times: u64) -> Matrix {
    let mut tables = Tables::from(matrix);
    let ids = tables.frameworks.iter().map(|file| file.framework.id.to_string()).collect::<Vec<_>>();
    for file in &mut tables.frameworks {
        prolong(file, times);
    }
    for image in &mut tables.images {
        image.framework = image.framework.take().map(|held| renamed(&held, &ids, times));
    }
    for copy in 1..times {
        tables.gpus.extend(matrix.gpus().iter().map(|row| GpuRow {
            name: format!("{} mk{copy}", row.name),
            aliases: Vec::new(),
            ..row.clone()
        }));
        tables.distributions.extend(
            matrix.distributions().iter().map(|row| DistributionRow { id: namesake(&row.id, copy), ..row.clone() }),
        );
        let cuda_images = matrix.images().iter().filter(|row| row.framework.is_none());
        tables.images.extend(cuda_images.map(|row| ImageRow { os: namesake(&row.os, copy), ..row.clone() }));
    }
    continue_cuda(&mut tables, matrix, times);
    Matrix::from(tables)
}

fn prolong(file: &mut FrameworkFile, times: u64) {
    let copies = |row: ReleaseRow| {
        (0..times).map(move |copy| {
            let mut row = row.clone();
            row.version = with_patch(&row.version, |patch| patch * times + copy);
            if copy + 1 < times {
                row.builds.iter_mut().for_each(|build| pin_older(build, copy));
            }
            row
        })
    };
    file.releases = std::mem::take(&mut file.releases).into_iter().flat_map(copies).collect();
}

/// A version with another third number.
pub fn with_patch(version: &ReleaseVersion, change: impl Fn(u64) -> u64) -> ReleaseVersion {
    let mut release = version.pep440().release().to_vec();
    release.resize(release.len().max(3), 0);
    release[2] = change(release[2]);
    let changed = version.pep440().clone().with_release(release);
    changed.to_string().parse().expect("a version with another number is a version")
}

/// `pytorch 2.4.1` → `pytorch 2.4.19`: an image holds the last patch release.
fn renamed(held: &str, ids: &[String], times: u64) -> String {
    let (id, version) = held.split_once(' ').unwrap_or((held, ""));
    match version.parse::<ReleaseVersion>() {
        Ok(version) if ids.iter().any(|known| known == id) => {
            format!("{id} {}", with_patch(&version, |patch| patch * times + times - 1))
        }
        _ => held.to_owned(),
    }
}

/// `==9.1.0.70` → `==9.1.0.69.3`: just below, and another one in each copy.
fn pin_older(build: &mut BuildRow, copy: u64) {
    let older = |range: &str| {
        let Some((head, last)) = range.rsplit_once('.') else { return range.to_owned() };
        match last.parse::<u64>() {
            Ok(last) if last > 0 && !range.contains(',') && !range.starts_with("~=") => {
                format!("{head}.{}.{copy}", last - 1)
            }
            _ => range.to_owned(),
        }
    };
    for range in build.shared.iter_mut().flat_map(|shared| shared.values_mut()) {
        // `<10.0,>=9.10.2.21`: each part by itself.
        *range = range
            .split(',')
            .map(|part| if part.starts_with('<') { part.to_owned() } else { older(part) })
            .collect::<Vec<_>>()
            .join(",");
    }
}

/// `ubuntu:24.04` → `ubuntu-like3:24.04`
fn namesake(id: &str, copy: u64) -> String {
    let (family, release) = id.split_once(':').unwrap_or((id, ""));
    format!("{family}-like{copy}:{release}")
}

fn continue_cuda(tables: &mut Tables, matrix: &Matrix, times: u64) {
    const MINORS: u64 = 10;
    let last = |major: Option<u32>| u64::from(major.unwrap_or_default());
    let (cuda, cudnn) = (matrix.cuda(), matrix.cudnn());
    let newest_cuda = last(cuda.last().map(|row| row.version.major()));
    let newest_cudnn = last(cudnn.last().map(|row| row.version.major()));
    let more = |rows: usize| 0..(times - 1) * rows as u64;
    let (Some(cuda_row), Some(cudnn_row)) = (cuda.last(), cudnn.last()) else { return };
    for index in more(cuda.len()) {
        let version = number(newest_cuda + 1 + index / MINORS, index % MINORS);
        let driver = format!("{}.10", 900 + index).parse().expect("two numbers are a driver");
        let (updates, components) = Default::default();
        tables.cuda.push(CudaRow {
            version: version.parse().expect("two numbers are a CUDA"),
            after: None,
            driver_minimum: driver,
            driver_toolkit: None,
            updates,
            components,
            ..cuda_row.clone()
        });
    }
    let majors = more(cuda.len()).count() as u64 / MINORS;
    for index in more(cudnn.len()) {
        let major: CudaVersion =
            (newest_cuda + 1 + (index / MINORS) % majors.max(1)).to_string().parse().expect("a number is a CUDA");
        let version = number(newest_cudnn + 1 + index / MINORS, index % MINORS);
        tables.cudnn.push(CudnnRow {
            version: version.parse().expect("two numbers are a cuDNN"),
            cuda: vec![major],
            ..cudnn_row.clone()
        });
    }
}

fn number(major: u64, minor: u64) -> String {
    format!("{major}.{minor}")
}
