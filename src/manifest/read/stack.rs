//! Reads `[python]`, `[cuda]`, `[system]` and `[target]`: the tables that decide the versions.

use std::ops::Range;

use crate::manifest::problem::ProblemKind;
use crate::manifest::reader::{Reader, TableReader};
use crate::manifest::tree::{Entries, Value};
use crate::manifest::types::{GpuName, LowestDriver, PackageName, ProjectPath, RequirementsEntry};
use crate::manifest::{Cuda, Located, Origin, Python, SystemTable, Target};

pub(super) fn python_table(reader: &mut Reader, mut table: TableReader) -> Python {
    let exclude_newer = table.take("exclude-newer").and_then(|mut entry| {
        if let Value::Moment(moment) = &entry.node.value {
            entry.node.value = Value::Text(moment.clone());
        }
        reader.checked("python.exclude-newer".to_owned(), &entry.node)
    });
    let python = Python {
        version: reader.text(&mut table, "version"),
        requires: None,
        packages: reader.list(&mut table, "packages"),
        requirements: requirements(reader, &mut table),
        exclude_newer,
    };
    reader.finish(table);
    python
}

/// Reads files with requirements: a path, or a table with what is taken from the file.
fn requirements(reader: &mut Reader, table: &mut TableReader) -> Vec<Located<RequirementsEntry>> {
    let items = reader.items(table, "requirements", "a list of strings").unwrap_or_default();
    let mut entries = Vec::new();
    for item in items {
        match item.value {
            Value::Table(keys) => entries.extend(requirements_table(reader, keys, &item.span, item.origin)),
            _ => entries.extend(reader.checked("python.requirements[]".to_owned(), &item)),
        }
    }
    entries
}

fn requirements_table(
    reader: &mut Reader,
    keys: Entries,
    span: &Range<usize>,
    origin: Origin,
) -> Option<Located<RequirementsEntry>> {
    let mut table = TableReader::new("python.requirements.*", keys);
    let names = |reader: &mut Reader, table: &mut TableReader, key| -> Vec<PackageName> {
        reader.list(table, key).into_iter().map(|name: Located<PackageName>| name.value).collect()
    };
    let file = table.take("file");
    if file.is_none() {
        reader.problem(ProblemKind::MissingKey { key: "file", of: "a file of requirements" }, span);
    }
    let path = "python.requirements.*.file".to_owned();
    let file: Option<Located<ProjectPath>> = file.and_then(|file| reader.checked(path, &file.node));
    let [extras, groups, skip] = ["extras", "groups", "skip"].map(|key| names(reader, &mut table, key));
    reader.finish(table);
    let entry = RequirementsEntry { file: file?.value, extras, groups, skip };
    Some(Located { value: entry, span: Some(span.clone()), origin })
}

pub(super) fn cuda_table(reader: &mut Reader, mut table: TableReader) -> Cuda {
    let cuda = Cuda {
        version: reader.text(&mut table, "version"),
        cudnn: reader.text(&mut table, "cudnn"),
        toolkit: reader.text(&mut table, "toolkit"),
    };
    reader.finish(table);
    cuda
}

pub(super) fn system_table(reader: &mut Reader, mut table: TableReader) -> SystemTable {
    let system = SystemTable {
        base: reader.text(&mut table, "base"),
        image: reader.text(&mut table, "image"),
        packages: reader.list(&mut table, "packages"),
        libraries: reader.flag(&mut table, "libraries").is_none_or(|flag| flag.value),
    };
    if let (Some(base), Some(image)) = (&system.base, &system.image) {
        let (span, other) = (image.span.clone().unwrap_or_default(), base.span.clone().unwrap_or_default());
        reader.problem_with(ProblemKind::Clash { one: "image", other: "base" }, &span, other, "the other");
    }
    reader.finish(table);
    system
}

pub(super) fn target_table(reader: &mut Reader, mut table: TableReader) -> Target {
    let driver: Option<Located<LowestDriver>> = reader.text_or_integer(&mut table, "driver");
    let target = Target {
        driver: driver.map(|driver| driver.map(|lowest| lowest.0)),
        gpus: gpus(reader, &mut table),
        arch: reader.text(&mut table, "arch"),
    };
    reader.finish(table);
    target
}

/// Reads the GPUs of the target. An empty list is ambiguous: it could mean no GPU or any GPU.
fn gpus(reader: &mut Reader, table: &mut TableReader) -> Vec<Located<GpuName>> {
    let instead = "leave out `gpus` for any GPU; for none, write `devices = \"none\"` in `[gpu]`";
    reader.not_empty(table, "gpus", "target.gpus", instead);
    reader.list(table, "gpus")
}
