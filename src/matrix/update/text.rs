//! Writes rows as compact text. The same rows give the same bytes.
//!
//! The writer takes each row apart in full, so that a new field does not compile until it is written.

use std::fmt::Write as _;

use crate::manifest::Arch;
use crate::matrix::rows::{BuildRow, FrameworkFile, FrameworkHead, Libraries, ReleaseRow, RequirementRow, WheelRow};
use crate::version::PythonVersion;

/// The text of a framework's file.
#[must_use]
pub fn file(file: &FrameworkFile) -> String {
    let FrameworkFile { framework, releases } = file;
    let mut out = head(framework);
    for row in releases {
        out.push('\n');
        out.push_str(&release(row));
    }
    out
}

/// Whether two rows differ only in the day of the check.
#[must_use]
pub fn says_the_same(a: &ReleaseRow, b: &ReleaseRow) -> bool {
    let without_day = |row: &ReleaseRow| release(&ReleaseRow { checked: String::new(), ..row.clone() });
    without_day(a) == without_day(b)
}

fn head(head: &FrameworkHead) -> String {
    let FrameworkHead { id, package, aliases, system_packages, pins, verify, source, checked } = head;
    let mut out = format!(
        "# Written by `envctl matrix update` from the recipe of the same name: change that, not this.\n\n[framework]\nid = {}\npackage = {}\n",
        string(id.as_str()),
        string(package)
    );
    list(&mut out, "aliases", aliases);
    list(&mut out, "system-packages", system_packages);
    list(&mut out, "pins", pins);
    let _ = writeln!(out, "verify = {}", long(verify));
    let _ = writeln!(out, "source = {}\nchecked = {}", string(source), string(checked));
    out
}

/// The text of one release with its builds.
#[must_use]
pub fn release(row: &ReleaseRow) -> String {
    let ReleaseRow {
        version,
        released,
        companions,
        system_packages,
        pins,
        exclude_newer,
        verify,
        unbuildable,
        requires,
        builds,
        source,
        checked,
    } = row;
    let mut out = format!("[[release]]\nversion = {}\n", string(&version.to_string()));
    optional(&mut out, "released", released.as_deref());
    map(&mut out, "companions", companions);
    list(&mut out, "system-packages", system_packages);
    list(&mut out, "pins", pins);
    optional(&mut out, "exclude-newer", exclude_newer.as_deref());
    if let Some(verify) = verify {
        let _ = writeln!(out, "verify = {}", long(verify));
    }
    optional(&mut out, "unbuildable", unbuildable.as_deref());
    requirements(&mut out, requires.as_deref());
    let _ = writeln!(out, "source = {}\nchecked = {}", string(source), string(checked));
    for build in builds {
        out.push_str(&self::build(build));
    }
    out
}

fn build(row: &BuildRow) -> String {
    let BuildRow {
        variant,
        package,
        extras,
        index,
        index_packages,
        local,
        cuda,
        cudnn,
        libraries,
        capabilities,
        driver_minimum,
        shared,
        requires,
        uploaded,
        wheels,
        unlisted,
        unbuildable,
        source,
    } = row;
    let mut out = format!("[[release.build]]\nvariant = {}\npackage = {}\n", string(variant), string(package));
    list(&mut out, "extras", extras);
    let _ = writeln!(out, "index = {}", string(index));
    list(&mut out, "index-packages", index_packages);
    optional(&mut out, "local", local.as_deref());
    optional(&mut out, "cuda", cuda.as_ref().map(ToString::to_string).as_deref());
    optional(&mut out, "cudnn", cudnn.as_ref().map(ToString::to_string).as_deref());
    if *libraries == Libraries::System {
        out.push_str("libraries = \"system\"\n");
    }
    list(&mut out, "capabilities", &capabilities.iter().map(ToString::to_string).collect::<Vec<_>>());
    optional(&mut out, "driver-minimum", driver_minimum.as_ref().map(ToString::to_string).as_deref());
    if let Some(shared) = shared {
        let _ = writeln!(out, "shared = {}", pairs(shared));
    }
    requirements(&mut out, requires.as_deref());
    optional(&mut out, "uploaded", uploaded.as_deref());
    let rows: Vec<String> = wheels.iter().map(wheel).collect();
    let _ = writeln!(out, "wheels = [{}]", rows.join(", "));
    if *unlisted {
        out.push_str("unlisted = true\n");
    }
    optional(&mut out, "unbuildable", unbuildable.as_deref());
    optional(&mut out, "source", source.as_deref());
    out
}

fn wheel(row: &WheelRow) -> String {
    let WheelRow { arch, python, glibc } = row;
    let arch = match arch {
        Arch::X86_64 => "x86_64",
        Arch::Aarch64 => "aarch64",
        Arch::Ppc64le => "ppc64le",
    };
    format!("{{ arch = \"{arch}\", python = {}, glibc = \"{glibc}\" }}", pythons(python))
}

fn requirements(out: &mut String, rows: Option<&[RequirementRow]>) {
    let Some(rows) = rows else { return };
    let one = |RequirementRow { python, packages }: &RequirementRow| {
        let on = if python.is_empty() { String::new() } else { format!("python = {}, ", pythons(python)) };
        format!("{{ {on}packages = {} }}", pairs(packages))
    };
    let _ = writeln!(out, "requires = [{}]", rows.iter().map(one).collect::<Vec<_>>().join(", "));
}

fn pythons(python: &[PythonVersion]) -> String {
    let python: Vec<String> = python.iter().map(|python| string(&python.to_string())).collect();
    format!("[{}]", python.join(", "))
}

fn string(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// A text of several lines, kept as lines.
fn long(text: &str) -> String {
    let quoted = text.replace('\\', "\\\\").replace("\"\"\"", "\\\"\"\"");
    format!("\"\"\"\n{quoted}\"\"\"")
}

fn optional(out: &mut String, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        let _ = writeln!(out, "{key} = {}", string(value));
    }
}

fn list(out: &mut String, key: &str, values: &[String]) {
    if !values.is_empty() {
        let values: Vec<String> = values.iter().map(|value| string(value)).collect();
        let _ = writeln!(out, "{key} = [{}]", values.join(", "));
    }
}

fn map(out: &mut String, key: &str, values: &std::collections::BTreeMap<String, String>) {
    if !values.is_empty() {
        let _ = writeln!(out, "{key} = {}", pairs(values));
    }
}

fn pairs(values: &std::collections::BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = values.iter().map(|(key, value)| format!("{key} = {}", string(value))).collect();
    if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
}
