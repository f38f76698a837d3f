//! Turns the rows in `compat-matrix/` into the data that the binary embeds: compact JSON, one text per file. `check`
//! reads it each time, and JSON takes a quarter of the time of TOML.
//!
//! The script lists the directory to find the framework files, so a new framework needs a new file and no line of Rust.

#![expect(clippy::disallowed_macros, clippy::disallowed_methods, reason = "how a build script talks to cargo")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const ROOT: &str = "compat-matrix";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={ROOT}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut revision = Revision::default();
    let subjects = embed(Path::new(ROOT), &out, &mut revision, &mut String::new())?;
    let mut index = String::from("[");
    let frameworks = embed(&Path::new(ROOT).join("frameworks"), &out, &mut revision, &mut index)?;
    index.push(']');
    fs::write(out.join("index.json"), index)?;
    let recipes = recipes(&Path::new(ROOT).join("recipes"))?;
    fs::write(
        out.join("matrix.rs"),
        format!(
            "pub(crate) const NEWEST_CHECK: &str = {:?};\npub(crate) const HASH: &str = \"{:08x}\";\n\
             pub(crate) const INDEX: &str = include_str!(\"index.json\");\n\
             pub(crate) const SUBJECTS: &[(&str, &str)] = &[{subjects}];\n\
             pub(crate) const FRAMEWORKS: &[(&str, &str)] = &[{frameworks}];\n\
             pub(crate) const RECIPES: &[&str] = &[{recipes}];\n",
            revision.newest,
            revision.hash & 0xffff_ffff
        ),
    )?;
    Ok(())
}

/// Writes each TOML file of `folder` as JSON and returns the Rust text of a table of them. It adds the names in each
/// framework's head to `heads`.
fn embed(folder: &Path, out: &Path, revision: &mut Revision, heads: &mut String) -> Result<String, Box<dyn Error>> {
    let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let mut table = String::new();
    for path in files {
        let text = fs::read_to_string(&path)?;
        let value: toml::Table = text.parse().map_err(|error| format!("{}: {error}", path.display()))?;
        revision.add(&text, &value);
        let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a file name that is not UTF-8")?;
        if let Some(head) = value.get("framework") {
            let comma = if heads.len() > 1 { "," } else { "" };
            let names = ["id", "package", "aliases"].into_iter().filter_map(|key| Some((key, head.get(key)?)));
            let names = names.collect::<BTreeMap<_, _>>();
            write!(heads, "{comma}{}", serde_json::to_string(&names)?)?;
        }
        fs::write(out.join(format!("{name}.json")), serde_json::to_string(&value)?)?;
        write!(table, "({name:?}, include_str!(\"{name}.json\")), ")?;
    }
    Ok(table)
}

/// The Rust text of a table of the recipes. They stay TOML, because only `matrix verify --online` and `update` read
/// them.
fn recipes(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let paths = files.iter().map(fs::canonicalize).collect::<Result<Vec<_>, _>>()?;
    let mut table = String::new();
    for path in paths {
        write!(table, "include_str!({:?}), ", path.display().to_string())?;
    }
    Ok(table)
}

/// The version of the data: the newest day on which a row was checked, and a hash of all bytes.
struct Revision {
    newest: String,
    hash: u64,
}

impl Default for Revision {
    fn default() -> Self {
        Self { newest: String::new(), hash: 0xcbf2_9ce4_8422_2325 }
    }
}

impl Revision {
    /// FNV-1a, because a hash that only distinguishes two data sets needs no dependency.
    fn add(&mut self, text: &str, value: &toml::Table) {
        for byte in text.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let mut open = value.values().collect::<Vec<_>>();
        while let Some(value) = open.pop() {
            match value {
                toml::Value::Table(table) => {
                    if let Some(day) = table.get("checked").and_then(toml::Value::as_str)
                        && day > self.newest.as_str()
                    {
                        day.clone_into(&mut self.newest);
                    }
                    open.extend(table.values());
                }
                toml::Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
    }
}
