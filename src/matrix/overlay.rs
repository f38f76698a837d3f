//! Lays a team's own rows over the embedded rows. A row with a known key replaces the embedded row; any other row is
//! added.
//!
//! The files have the shape and names of the files in `compat-matrix/`. A framework's file can omit `[framework]` when
//! it adds releases to a known framework. All files are read first, so that a mistake is found before any decision.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::embedded::FrameworkSlot;
use super::keys::Keyed;
use super::rows::{FrameworkFile, FrameworkHead, ReleaseRow};
use super::{Matrix, MatrixError};

/// One file of rows.
#[derive(Clone, Debug)]
pub struct RowFile {
    /// A path such as `frameworks/pytorch.toml`, or one that ends in this form.
    pub path: PathBuf,
    /// The rows as TOML.
    pub text: String,
}

impl Matrix {
    pub(super) fn of_files(files: &[RowFile]) -> Result<Self, MatrixError> {
        let nothing = Self {
            cuda: OnceLock::from(Vec::new()),
            capabilities: OnceLock::from(Vec::new()),
            gpus: OnceLock::from(Vec::new()),
            cudnn: OnceLock::from(Vec::new()),
            distributions: OnceLock::from(Vec::new()),
            images: OnceLock::from(Vec::new()),
            ..Self::unread()
        };
        nothing.with_rows(files)
    }

    /// Lays `files` over these rows. Of two files, the later wins.
    pub fn with_rows(mut self, files: &[RowFile]) -> Result<Self, MatrixError> {
        let mut hash = Sha256::new();
        for file in files {
            hash.update(&file.text);
            self.newest_check = self.newest_check.as_str().max(newest_check(&file.text)).into();
            self.lay(file)?;
        }
        if !files.is_empty() {
            self.hash.push('+');
            for byte in &hash.finalize()[..4] {
                write!(self.hash, "{byte:02x}").expect("a string takes all that is written to it");
            }
        }
        Ok(self)
    }

    /// Replaces the frameworks of these tables.
    pub(super) fn with_frameworks(mut self, files: impl IntoIterator<Item = FrameworkFile>) -> Self {
        for file in files {
            self.frameworks.insert(file.framework.id.clone(), FrameworkSlot::of(file));
        }
        self
    }

    fn lay(&mut self, file: &RowFile) -> Result<(), MatrixError> {
        let name = file.path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
        let folder = file.path.parent().and_then(Path::file_name);
        match name {
            _ if folder == Some(OsStr::new("frameworks")) => self.lay_framework(name, file),
            "cuda" => lay_rows(&mut self.cuda, file),
            "capabilities" => lay_rows(&mut self.capabilities, file),
            "gpus" => {
                self.gpu_names = OnceLock::new();
                lay_rows(&mut self.gpus, file)
            }
            "cudnn" => lay_rows(&mut self.cudnn, file),
            "distributions" => lay_rows(&mut self.distributions, file),
            "images" => lay_rows(&mut self.images, file),
            // The data of the program itself is not part of the rows.
            "conda" | "families" | "imports" | "indexes" | "libraries" | "packages" | "preloads"
            | "system-libraries" | "tools" | "undeclared" => Ok(()),
            _ => Err(MatrixError::UnknownFile { path: file.path.clone() }),
        }
    }

    fn lay_framework(&mut self, name: &str, file: &RowFile) -> Result<(), MatrixError> {
        let OverlayFile { framework, releases } = parse(file)?;
        let unknown = |_| MatrixError::UnknownFile { path: file.path.clone() };
        let id = framework.as_ref().map_or_else(|| name.parse().map_err(unknown), |head| Ok(head.id.clone()))?;
        if id.as_str() != name {
            return Err(MatrixError::WrongName { path: file.path.clone(), id: id.to_string() });
        }
        let known = self.framework(&id).cloned();
        let head = framework.or_else(|| known.as_ref().map(|known| known.framework.clone()));
        let head = head.ok_or_else(|| MatrixError::NoHead { path: file.path.clone() })?;
        let mut rows = known.map(|known| known.releases).unwrap_or_default();
        merge(&mut rows, releases);
        self.frameworks.insert(id, FrameworkSlot::of(FrameworkFile { framework: head, releases: rows }));
        Ok(())
    }
}

/// A framework's file. Its head can be missing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverlayFile {
    framework: Option<FrameworkHead>,
    #[serde(rename = "release", default)]
    releases: Vec<ReleaseRow>,
}

fn lay_rows<T: Keyed>(cell: &mut OnceLock<Vec<T>>, file: &RowFile) -> Result<(), MatrixError> {
    let mut rows = cell.take().unwrap_or_else(T::embedded);
    let tables: BTreeMap<String, Vec<T>> = parse(file)?;
    for (table, more) in tables {
        if table != T::TABLE {
            return Err(MatrixError::UnknownTable { path: file.path.clone(), table, expected: T::TABLE });
        }
        merge(&mut rows, more);
    }
    *cell = OnceLock::from(rows);
    Ok(())
}

/// Replaces rows with the same key, adds the others, and keeps the order of keys.
fn merge<T: Keyed>(rows: &mut Vec<T>, more: Vec<T>) {
    let mut all = std::mem::take(rows).into_iter().map(|row| (row.key(), row)).collect::<BTreeMap<_, _>>();
    all.extend(more.into_iter().map(|row| (row.key(), row)));
    *rows = all.into_values().collect();
}

fn parse<T: DeserializeOwned>(file: &RowFile) -> Result<T, MatrixError> {
    toml::from_str(&file.text).map_err(|error| MatrixError::Rows {
        path: file.path.clone(),
        text: file.text.clone(),
        error: Box::new(error),
    })
}

/// The newest day in the `checked = "…"` lines.
fn newest_check(text: &str) -> &str {
    let days = text.lines().filter_map(|line| line.strip_prefix("checked = \"")?.strip_suffix('"'));
    days.max().unwrap_or_default()
}
