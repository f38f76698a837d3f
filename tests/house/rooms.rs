//! The house rules that no compiler keeps: which room may use which, and which file may name which outside library.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// In the order of the data. A room may use those before it; `error`, `event`, `parser`, `version` and `system` serve all.
const ORDER: [&str; 27] = [
    "error",
    "event",
    "parser",
    "version",
    "system",
    "terminal",
    "files",
    "download",
    "manifest",
    "engine",
    "project",
    "grants",
    "host",
    "matrix",
    "resolve",
    "packages",
    "lock",
    "render",
    "bootstrap",
    "setup",
    "connect",
    "doctor",
    "cli",
    "settings",
    "reconcile",
    "place",
    "ui",
];

/// What verbs know of where an environment runs is a place: no engine, and no kind of place.
const BELOW_A_PLACE: [&str; 3] = ["engine::", "Docker::", "LocalPlace"];

/// The one file that opens a kind of place.
const OPENS: &str = "src/place/local/mod.rs";

/// Outside libraries that stop at one adapter, and the files that may name them.
const ADAPTERS: [(&str, &[&str]); 10] = [
    ("bollard::", &["src/engine/docker"]),
    ("tonic::", &["src/engine/docker"]),
    ("clap::", &["src/cli.rs", "src/settings/", "src/ui/usage.rs", "src/lib.rs", "src/commands/completions.rs"]),
    ("std::env::", &["src/system.rs", "src/main.rs"]),
    ("nvml_wrapper::", &["src/host/"]),
    ("handlebars::", &["src/render/"]),
    ("indicatif::", &["src/ui/"]),
    ("reqwest::", &["src/download.rs"]),
    ("flate2::", &["src/matrix/archive.rs"]),
    ("cap_std::", &["src/files/"]),
];

#[test]
fn a_room_uses_only_rooms_before_it() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let room = room_of(&file);
        let Some(rank) = ORDER.iter().position(|name| *name == room) else { continue };
        for used in rooms_used(&text) {
            let later = ORDER.iter().position(|name| *name == used).is_none_or(|other| other > rank);
            if later && used != room {
                wrong.push(format!("{}: `{room}` uses `{used}`", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "rooms used against the data's way:\n{}", wrong.join("\n"));
}

#[test]
fn outside_libraries_stop_at_their_adapter() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        for (library, allowed) in ADAPTERS {
            let at_home = allowed.iter().any(|prefix| file.to_string_lossy().starts_with(prefix));
            if !at_home && code_of(&text).any(|line| line.contains(library)) {
                wrong.push(format!("{} names {library}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files that are no project's: the machine's (`/proc`, `/etc`), and what envctl itself wrote.
const OWN_READERS: [&str; 10] = [
    "src/files/",
    "src/system",
    "src/host/",
    "src/setup/",
    "src/bootstrap/",
    "src/engine/docker/transfer.rs",
    "src/connect/alias.rs",
    "src/connect/directory.rs",
    "src/reconcile/listeners.rs",
    "src/matrix/update/",
];

#[test]
fn verbs_know_only_a_place() {
    let mut wrong = Vec::new();
    for (file, text) in sources().into_iter().filter(|(file, _)| room_of(file) == "commands") {
        for name in BELOW_A_PLACE {
            if code_of(&text).any(|line| line.contains(name)) {
                wrong.push(format!("{} names {name}", file.display()));
            }
        }
        if rooms_used(&text).contains("engine") {
            wrong.push(format!("{} uses `engine`", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_file_opens_an_engine() {
    let opens = |text: &str| code_of(text).any(|line| line.contains("Docker::connect("));
    let files: Vec<_> = sources().into_iter().filter(|(_, text)| opens(text)).map(|(file, _)| file).collect();
    assert_eq!(files, [PathBuf::from(OPENS)]);
}

#[test]
fn files_of_others_are_read_by_the_room_for_it() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let at_home = OWN_READERS.iter().any(|prefix| file.to_string_lossy().starts_with(prefix));
        let is_test = file.file_stem().is_some_and(|stem| stem == "tests");
        for reader in ["fs::read(", "fs::read_to_string(", "File::open("] {
            if !at_home && !is_test && code_of(&text).any(|line| line.contains(reader)) {
                wrong.push(format!("{} calls {reader}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_has_a_place_in_the_order() {
    let rooms: BTreeSet<String> = sources().iter().map(|(file, _)| room_of(file)).collect();
    let outside = ["commands", "lib", "main"];
    let missing: Vec<_> =
        rooms.iter().filter(|room| !ORDER.contains(&room.as_str()) && !outside.contains(&room.as_str())).collect();
    assert!(missing.is_empty(), "rooms without a place: {missing:?}");
}

/// Every source file with its text, paths relative to the repository.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    let relative = |file: PathBuf| file.strip_prefix(root).map(Path::to_path_buf).unwrap_or(file);
    files.into_iter().map(|file| (relative(file.clone()), fs::read_to_string(file).unwrap())).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// `src/manifest/ports.rs` → `manifest`, `src/error.rs` → `error`.
fn room_of(file: &Path) -> String {
    let first = file.components().nth(1).expect("a file lies under src").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Lines that are code: neither comments nor what follows the unit tests' marker, which may reach anywhere.
fn code_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines().take_while(|line| line.trim() != "#[cfg(test)]").filter(|line| !line.trim_start().starts_with("//"))
}

fn rooms_used(text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for line in code_of(text) {
        for part in line.split("crate::").skip(1) {
            used.insert(part.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>());
        }
    }
    used.remove("");
    used
}
