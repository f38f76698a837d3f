//! Reads rows from a folder with the shape of `compat-matrix/`.
//!
//! It reads only `*.toml` files, in the order of their names, so that the result does not depend on the file system.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::SiteError;
use crate::files;
use crate::matrix::{Matrix, RowFile};

impl Matrix {
    /// The rows of a folder with the shape of `compat-matrix/`, without any other rows.
    pub fn from_dir(folder: &Path) -> Result<Self, SiteError> {
        Ok(Self::of_files(&read_dir(folder)?)?)
    }

    /// The tables of such a folder, with these frameworks in place of its own.
    pub fn from_tables(folder: &Path, frameworks: &[RowFile]) -> Result<Self, SiteError> {
        let is_framework =
            |file: &RowFile| file.path.parent().and_then(Path::file_name) == Some(OsStr::new("frameworks"));
        let mut files: Vec<RowFile> = read_dir(folder)?.into_iter().filter(|file| !is_framework(file)).collect();
        files.extend(frameworks.iter().cloned());
        Ok(Self::of_files(&files)?)
    }

    /// Lays the rows of a folder over these rows.
    pub fn with_dir(self, folder: &Path) -> Result<Self, SiteError> {
        Ok(self.with_rows(&read_dir(folder)?)?)
    }
}

/// Every `*.toml` of a folder and of its `frameworks` folder, in the order of their names.
pub(super) fn read_dir(folder: &Path) -> Result<Vec<RowFile>, SiteError> {
    let mut paths = list(folder)?;
    let frameworks = folder.join("frameworks");
    if frameworks.is_dir() {
        paths.extend(list(&frameworks)?);
    }
    let read = |path: PathBuf| match files::read_text(&path, files::DOCUMENT) {
        Ok(text) => Ok(RowFile { path, text }),
        Err(error) => Err(SiteError::Read { path, problem: error.problem }),
    };
    paths.into_iter().map(read).collect()
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, SiteError> {
    let error = |error: std::io::Error| SiteError::Read { path: folder.to_owned(), problem: error.into() };
    let entries = fs::read_dir(folder).map_err(error)?;
    let entries = entries.collect::<Result<Vec<_>, _>>().map_err(error)?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.retain(|path| path.extension() == Some(OsStr::new("toml")));
    paths.sort();
    Ok(paths)
}
