//! Reads the files with other projects' figures.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// One table, and where it was taken from.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Table<R> {
    repository: String,
    path: String,
    /// The commit that last changed it when it was read, and that commit's day.
    commit: String,
    date: String,
    /// It leaves out Pythons before this one.
    #[serde(default)]
    pub python_from: String,
    pub row: Vec<R>,
}

/// Reads `NAME.toml`.
pub fn read<R: DeserializeOwned>(name: &str) -> Table<R> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement").join(name).with_extension("toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Where a table comes from, in words: `replicate/cog: pkg/config/torch_compatibility.json (73ee77bc, 2026-05-07)`.
pub fn source(name: &str) -> String {
    let Table { repository, path, commit, date, .. } = read::<toml::Table>(name);
    format!("{repository}: {path} ({commit}, {date})")
}

/// `3.10` before `3.9` as text, after it as a number.
pub fn number(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().expect("a number")).collect()
}

/// Versions in their order, once each, one space between.
pub fn listed<V: ToString>(versions: impl IntoIterator<Item = V>) -> String {
    let mut versions = versions.into_iter().map(|version| version.to_string()).collect::<Vec<_>>();
    versions.sort_by_key(|version| number(version));
    versions.dedup();
    versions.join(" ")
}
