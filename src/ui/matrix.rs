//! The rows of the compatibility data as tables.
//!
//! Each subject has its own columns; images have one line for each tag, releases one for each build.

use crate::matrix::rows::{BuildRow, CapabilityRow, CudaRow, CudnnRow, DistributionRow, GpuRow, ImageRow, ReleaseRow};
use crate::matrix::{Matrix, SubjectRows};

use super::table::Table;

/// Lists the subjects of the matrix, one in each line.
#[must_use]
pub fn matrix_subjects(matrix: &Matrix) -> Table {
    let mut table = Table::new(["subject", "rows", "from", "to", "what"]);
    let mut subject = |name: &str, rows: usize, from: String, to: String, what: &str| {
        table.row([name.to_owned(), rows.to_string(), from, to, what.to_owned()]);
    };
    let ends = |first: Option<String>, last: Option<String>| (first.unwrap_or_default(), last.unwrap_or_default());
    let cuda = matrix.cuda();
    let (from, to) = ends(text(cuda.first().map(|r| &r.version)), text(cuda.last().map(|r| &r.version)));
    subject("cuda", cuda.len(), from, to, "toolkit releases and their drivers");
    let rows = matrix.capabilities();
    let (from, to) = ends(text(rows.first().map(|r| r.capability)), text(rows.last().map(|r| r.capability)));
    subject("capabilities", rows.len(), from, to, "GPU generations, their toolkits and drivers");
    subject("gpus", matrix.gpus().len(), String::new(), String::new(), "GPU products and their capability");
    let rows = matrix.cudnn();
    let (from, to) = ends(text(rows.first().map(|r| &r.version)), text(rows.last().map(|r| &r.version)));
    subject("cudnn", rows.len(), from, to, "cuDNN releases and their CUDA");
    subject("distributions", matrix.distributions().len(), String::new(), String::new(), "C library and Python");
    let rows = matrix.images();
    let (from, to) = ends(text(rows.first().map(|r| &r.cuda)), text(rows.last().map(|r| &r.cuda)));
    subject("images", rows.len(), from, to, "published images that bring CUDA");
    for known in matrix.frameworks() {
        let Some(file) = matrix.framework(known.id) else { continue };
        let (from, to) =
            ends(text(file.releases.first().map(|r| &r.version)), text(file.releases.last().map(|r| &r.version)));
        subject(known.id.as_str(), file.releases.len(), from, to, &format!("releases of {}", known.package));
    }
    table
}

/// Returns the table of the requested rows.
#[must_use]
pub fn matrix_rows(matrix: &Matrix, rows: &SubjectRows<'_>) -> Table {
    match rows {
        SubjectRows::Cuda(rows) => cuda(matrix, rows),
        SubjectRows::Capabilities(rows) => capabilities(rows),
        SubjectRows::Gpus(rows) => gpus(rows),
        SubjectRows::Cudnn(rows) => cudnn(rows),
        SubjectRows::Distributions(rows) => distributions(rows),
        SubjectRows::Images(rows) => images(rows),
        SubjectRows::Releases(rows) => rows.as_ref().map_or_else(Table::default, |(_, rows)| releases(rows)),
    }
}

fn cuda(matrix: &Matrix, rows: &[&CudaRow]) -> Table {
    let mut table = Table::new(["CUDA", "driver", "toolkit driver", "updates", "GPUs", "note"]);
    for row in rows {
        let updates = row.updates.iter().map(|(update, driver)| format!("{update}: {driver}"));
        let capabilities = matrix.capabilities_of(&row.version).map(|row| row.capability.to_string());
        let capabilities = capabilities.collect::<Vec<_>>();
        let gpus = match &capabilities[..] {
            [first, .., last] => format!("{first} to {last}"),
            other => other.concat(),
        };
        table.row([
            row.version.to_string(),
            row.driver_minimum.to_string(),
            opt(row.driver_toolkit.as_ref()),
            updates.collect::<Vec<_>>().join(", "),
            gpus,
            row.note.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn capabilities(rows: &[&CapabilityRow]) -> Table {
    let mut table = Table::new(["capability", "generation", "CUDA", "driver", "note"]);
    for row in rows {
        let driver = match (&row.first_driver, &row.last_driver) {
            (Some(first), Some(last)) => format!("{first} to R{last}"),
            (Some(first), None) => format!("from {first}"),
            (None, Some(last)) => format!("to R{last}"),
            (None, None) => String::new(),
        };
        let last = row.last_cuda.as_ref().map_or_else(|| "now".to_owned(), ToString::to_string);
        table.row([
            row.capability.to_string(),
            row.generation.clone(),
            format!("{} to {last}", row.first_cuda),
            driver,
            row.note.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn gpus(rows: &[&GpuRow]) -> Table {
    let mut table = Table::new(["GPU", "capability", "segment", "also", "note"]);
    for row in rows {
        table.row([
            row.name.clone(),
            row.capability.to_string(),
            row.segment.clone(),
            row.aliases.join(", "),
            row.note.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn cudnn(rows: &[&CudnnRow]) -> Table {
    let mut table = Table::new(["cuDNN", "CUDA", "GPUs from", "note"]);
    for row in rows {
        table.row([
            row.version.to_string(),
            join(&row.cuda),
            opt(row.lowest_capability),
            row.note.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn distributions(rows: &[&DistributionRow]) -> Table {
    let mut table = Table::new(["base", "glibc", "Python", "LTS", "updates until", "architectures", "can't be built"]);
    for row in rows {
        table.row([
            row.id.clone(),
            row.glibc.to_string(),
            opt(row.python.as_ref()),
            if row.lts { "LTS".to_owned() } else { String::new() },
            row.end_of_life.clone().unwrap_or_default(),
            join(&row.arch),
            row.unbuildable.clone().unwrap_or_default(),
        ]);
    }
    table
}

/// Returns the table of images: one line for each tag.
fn images(rows: &[&ImageRow]) -> Table {
    let mut table = Table::new(["image", "CUDA", "cuDNN", "OS", "brings", "can't be had"]);
    for row in rows {
        for (flavour, tag) in &row.tags {
            table.row([
                format!("{}:{tag}", row.repository),
                row.cuda.to_string(),
                if flavour.starts_with("cudnn") { opt(row.cudnn.as_ref()) } else { String::new() },
                row.os.clone(),
                row.framework.clone().unwrap_or_default(),
                row.unbuildable.as_ref().map_or_else(String::new, |_| "deleted".to_owned()),
            ]);
        }
    }
    table
}

/// Returns the table of a framework's releases: one line for each build.
fn releases(rows: &[&ReleaseRow]) -> Table {
    let mut table =
        Table::new(["release", "build", "CUDA", "cuDNN", "Python", "CPU", "glibc", "GPUs", "can't be built"]);
    for release in rows {
        for (index, build) in release.builds.iter().enumerate() {
            table.row([
                if index == 0 { release.version.to_string() } else { String::new() },
                build.variant.clone(),
                opt(build.cuda.as_ref()),
                opt(build.cudnn.as_ref()),
                pythons(build),
                join(build.wheels.iter().map(|wheel| wheel.arch)),
                opt(build.wheels.iter().map(|wheel| &wheel.glibc).min()),
                join(&build.capabilities),
                release.unbuildable.as_ref().or(build.unbuildable.as_ref()).cloned().unwrap_or_default(),
            ]);
        }
    }
    table
}

/// Returns the range of Pythons with a wheel.
fn pythons(build: &BuildRow) -> String {
    let all = || build.wheels.iter().flat_map(|wheel| &wheel.python);
    match (all().min(), all().max()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (first, _) => opt(first),
    }
}

fn text<T: ToString>(value: Option<T>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn opt<T: ToString>(value: Option<T>) -> String {
    text(value).unwrap_or_default()
}

fn join<T: ToString>(values: impl IntoIterator<Item = T>) -> String {
    values.into_iter().map(|value| value.to_string()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Subject;
    use crate::ui::Paint;

    #[test]
    fn every_table_fits_a_terminal() {
        const WIDTH: usize = 100;
        let matrix = Matrix::embedded();
        for subject in Subject::all(&matrix) {
            let rows = subject.rows(&matrix, None).unwrap();
            let text = matrix_rows(&matrix, &rows).text(Some(WIDTH), Paint(false));
            let wide = text.lines().find(|line| line.chars().count() > WIDTH);
            assert_eq!(wide, None, "{subject}");
        }
    }

    #[test]
    fn a_release_of_cuda() {
        let matrix = Matrix::embedded();
        let rows = Subject::Cuda.rows(&matrix, Some("12.4")).unwrap();
        let text = matrix_rows(&matrix, &rows).text(None, Paint(false));
        assert_eq!(
            text,
            "CUDA  driver     toolkit driver  updates            GPUs\n\
             12.4  525.60.13  550.54.14       12.4.1: 550.54.15  5.0 to 9.0\n"
        );
    }
}
