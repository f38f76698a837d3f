//! The files that these tests read.

use std::fs;
use std::path::{Path, PathBuf};

/// The directory of the package.
pub fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below the directories (or the file itself) with this extension, with its text.
pub fn files_with_extension(roots: &[&str], extension: &str) -> Vec<(PathBuf, String)> {
    let mut waiting: Vec<PathBuf> = roots.iter().map(|root| package().join(root)).collect();
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|found| found == extension) {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.strip_prefix(package()).unwrap().to_path_buf(), text));
        }
    }
    found.sort();
    found
}
