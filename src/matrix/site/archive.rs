//! Rows in an archive: a `.tar.gz` or `.tar` of a folder like `compat-matrix/`, or of a repository with such a folder.
//!
//! The archive comes from a network. So it is read in memory, up to a limit, and no file is ever written under a name
//! from the archive. Files that are not row files are refused, except the files that every repository has.

use std::ffi::OsStr;
use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;

use crate::matrix::RowFile;

/// The largest archive, bytes. All tables and frameworks of envctl are half a mebibyte.
const MOST_BYTES: u64 = 32 << 20;
const MOST_FILES: usize = 500;

/// The tables, by file name.
const TABLES: [&str; 16] = [
    "capabilities.toml",
    "conda.toml",
    "cuda.toml",
    "cudnn.toml",
    "distributions.toml",
    "families.toml",
    "gpus.toml",
    "images.toml",
    "imports.toml",
    "indexes.toml",
    "libraries.toml",
    "packages.toml",
    "preloads.toml",
    "system-libraries.toml",
    "tools.toml",
    "undeclared.toml",
];

/// The reason why an archive is refused.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is neither gzip nor tar, or it is incomplete.
    #[error("it is no `.tar.gz` or `.tar`: {0}")]
    Broken(std::io::Error),
    /// It is larger than any set of rows.
    #[error("it unpacks to more than {} MiB or {MOST_FILES} files", MOST_BYTES >> 20)]
    TooLarge,
    /// It has a path that leads outside, or a link.
    #[error("`{}` in it is no plain file with a relative path", .0.display())]
    Unsafe(PathBuf),
    /// It has a file that is not a table.
    #[error("`{}` in it is no matrix file", .0.display())]
    Unknown(PathBuf),
    /// It has a row file that is not text.
    #[error("`{}` in it is not UTF-8", .0.display())]
    NotText(PathBuf),
    /// It has no row file.
    #[error("it holds no matrix file")]
    Empty,
}

/// The row files of an archive, in the order of their names.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<RowFile>, ArchiveError> {
    let plain: Box<dyn Read> = match bytes {
        [0x1f, 0x8b, ..] => Box::new(GzDecoder::new(bytes)),
        _ => Box::new(Cursor::new(bytes)),
    };
    let files = without_folder(files(plain)?);
    let mut rows = Vec::new();
    for (path, bytes) in files {
        if is_row_file(&path) {
            let text = String::from_utf8(bytes).map_err(|_| ArchiveError::NotText(path.clone()))?;
            rows.push(RowFile { path, text });
        } else if !is_of_a_repository(&path) {
            return Err(ArchiveError::Unknown(path));
        }
    }
    rows.sort_by(|a, b| a.path.cmp(&b.path));
    if rows.is_empty() { Err(ArchiveError::Empty) } else { Ok(rows) }
}

/// Every file with its path, up to the limits.
fn files(plain: impl Read) -> Result<Vec<(PathBuf, Vec<u8>)>, ArchiveError> {
    let mut archive = tar::Archive::new(plain.take(MOST_BYTES + 1));
    let (mut files, mut total) = (Vec::new(), 0);
    for entry in archive.entries().map_err(ArchiveError::Broken)? {
        let mut entry = entry.map_err(ArchiveError::Broken)?;
        let path = entry.path().map_err(ArchiveError::Broken)?.into_owned();
        let kind = entry.header().entry_type();
        let is_inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !is_inside || !(kind.is_file() || kind.is_dir() || kind.is_pax_global_extensions()) {
            return Err(ArchiveError::Unsafe(path));
        }
        if !kind.is_file() {
            continue;
        }
        total += entry.size();
        if total > MOST_BYTES || files.len() == MOST_FILES {
            return Err(ArchiveError::TooLarge);
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(ArchiveError::Broken)?;
        files.push((path.components().filter(|part| *part != Component::CurDir).collect(), bytes));
    }
    Ok(files)
}

/// The files without the one folder that contains a repository's whole archive.
fn without_folder(files: Vec<(PathBuf, Vec<u8>)>) -> Vec<(PathBuf, Vec<u8>)> {
    let first =
        files.first().and_then(|(path, _)| path.components().next()).map(|part| PathBuf::from(part.as_os_str()));
    let Some(folder) = first.filter(|folder| folder != Path::new("frameworks")) else { return files };
    let inside: Option<Vec<PathBuf>> = files
        .iter()
        .map(|(path, _)| path.strip_prefix(&folder).ok().filter(|rest| *rest != Path::new("")).map(Path::to_path_buf))
        .collect();
    match inside {
        Some(paths) => paths.into_iter().zip(files).map(|(path, (_, bytes))| (path, bytes)).collect(),
        None => files,
    }
}

fn is_row_file(path: &Path) -> bool {
    match path.parent().and_then(Path::to_str) {
        Some("") => TABLES.iter().any(|table| path == Path::new(table)),
        Some("frameworks") => path.extension() == Some(OsStr::new("toml")),
        _ => false,
    }
}

/// Whether a file is usual in a repository: `README.md`, `LICENSE`, `.gitignore`, or a recipe.
fn is_of_a_repository(path: &Path) -> bool {
    let top = path.components().next().and_then(|part| part.as_os_str().to_str()).unwrap_or_default();
    let word = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    let words = ["README", "LICENSE", "COPYING", "NOTICE", "CHANGELOG", "Makefile"];
    top == "recipes" || top.starts_with('.') || words.contains(&word) || word == ".gitkeep"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            // `set_path` refuses paths that a hostile archive can contain.
            header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            builder.append(&header, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn names(files: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let rows = rows(&archive(files)).map_err(|error| error.to_string())?;
        Ok(rows.into_iter().map(|file| file.path.display().to_string()).collect())
    }

    #[test]
    fn a_folder_and_a_repository_of_it_are_the_same() {
        let expected = Ok(vec!["frameworks/labnet.toml".to_owned(), "gpus.toml".to_owned()]);
        assert_eq!(names(&[("./gpus.toml", ""), ("frameworks/labnet.toml", "")]), expected);
        let repository =
            [("lab-main/README.md", "x"), ("lab-main/gpus.toml", ""), ("lab-main/frameworks/labnet.toml", "")];
        assert_eq!(names(&repository), expected);
        assert_eq!(names(&[("frameworks/labnet.toml", "")]), Ok(vec!["frameworks/labnet.toml".to_owned()]));
    }

    #[test]
    fn what_leads_out_or_is_unknown_is_refused() {
        for (path, words) in [
            ("../gpus.toml", "`../gpus.toml` in it is no plain file"),
            ("/etc/passwd", "`/etc/passwd` in it is no plain file"),
            ("frameworks/../../x.toml", "is no plain file"),
            ("payload.sh", "`payload.sh` in it is no matrix file"),
            ("frameworks/deep/x.toml", "is no matrix file"),
        ] {
            let refused = names(&[("gpus.toml", ""), (path, "x")]).unwrap_err();
            assert!(refused.contains(words), "{refused}");
        }
        assert!(names(&[("README.md", "x")]).unwrap_err().contains("holds no matrix file"));
    }

    #[test]
    fn a_link_and_a_bomb_are_refused() {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        header.set_path("gpus.toml").unwrap();
        header.set_link_name("/etc/passwd").unwrap();
        header.set_cksum();
        let mut builder = tar::Builder::new(Vec::new());
        builder.append(&header, std::io::empty()).unwrap();
        assert!(matches!(rows(&builder.into_inner().unwrap()), Err(ArchiveError::Unsafe(_))));

        let zeros = vec![0; usize::try_from(MOST_BYTES).unwrap()];
        let mut builder = tar::Builder::new(Vec::new());
        for name in ["gpus.toml", "cuda.toml"] {
            let mut header = tar::Header::new_ustar();
            header.set_size(MOST_BYTES);
            header.set_path(name).unwrap();
            header.set_cksum();
            builder.append(&header, zeros.as_slice()).unwrap();
        }
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::copy(&mut builder.into_inner().unwrap().as_slice(), &mut encoder).unwrap();
        let bomb = encoder.finish().unwrap();
        assert!(bomb.len() < 1 << 20 && matches!(rows(&bomb), Err(ArchiveError::TooLarge | ArchiveError::Broken(_))));
    }

    #[test]
    fn other_bytes_are_refused() {
        assert!(matches!(rows(b"<html>not found</html>"), Err(ArchiveError::Broken(_) | ArchiveError::Empty)));
        assert!(rows(&archive(&[("gpus.toml", "")])[..300]).is_err());
    }
}
