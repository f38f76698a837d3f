//! The rooms that each room may use, and the files that can name each outside library.

use std::collections::BTreeSet;

use crate::source::{Source, sources};
use crate::uses::Modules;

/// The rooms in the order of the data. A room can use those before it; the first seven serve all.
const ORDER: [&str; 33] = [
    "error",
    "event",
    "address",
    "digest",
    "text",
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
    "foreign",
    "resolve",
    "packages",
    "draft",
    "lock",
    "proof",
    "render",
    "bootstrap",
    "setup",
    "connect",
    "doctor",
    "reconcile",
    "place",
    "cli",
    "settings",
    "ui",
];

/// They connect the rooms and can use each of them.
const JOINERS: [&str; 3] = ["commands", "lib", "main"];

#[test]
fn a_room_uses_only_rooms_before_it() {
    let modules = Modules::of_library();
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(rank) = ORDER.iter().position(|name| *name == source.room()) else { continue };
        let used: BTreeSet<String> =
            modules.own(source).into_iter().filter_map(|path| path.into_iter().next()).collect();
        for used in used.iter().filter(|used| *used != source.room()) {
            if ORDER.iter().position(|name| name == used).is_none_or(|other| other > rank) {
                wrong.push(format!("{}: `{}` uses `{used}`", source.path.display(), source.room()));
            }
        }
    }
    assert!(wrong.is_empty(), "rooms used against the order of the data:\n{}", wrong.join("\n"));
}

#[test]
fn every_room_has_a_place_in_the_order() {
    let rooms: BTreeSet<&str> = sources().iter().map(Source::room).collect();
    let missing: Vec<_> = rooms.iter().filter(|room| !ORDER.contains(room) && !JOINERS.contains(room)).collect();
    assert!(missing.is_empty(), "rooms without a place: {missing:?}");
}

/// Outside libraries with one adapter, and the files that can name them.
const ADAPTERS: [(&str, &[&str]); 11] = [
    ("bollard", &["src/engine/docker"]),
    ("tonic", &["src/engine/docker"]),
    ("clap", &["src/cli.rs", "src/settings/", "src/ui/usage.rs", "src/lib.rs", "src/commands/completions.rs"]),
    ("std::env", &["src/system/mod.rs", "src/main.rs"]),
    ("nvml_wrapper", &["src/host/"]),
    ("handlebars", &["src/render/"]),
    ("indicatif", &["src/ui/"]),
    ("reqwest", &["src/download.rs"]),
    ("flate2", &["src/matrix/site/archive.rs", "src/draft/commit_day.rs"]),
    ("saphyr_parser", &["src/parser/yaml.rs"]),
    ("cap_std", &["src/files/"]),
];

#[test]
fn outside_libraries_stop_at_their_adapter() {
    let wrong: Vec<_> = ADAPTERS.iter().flat_map(|(library, allowed)| named_elsewhere(library, allowed)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Verbs know only a place. They know no engine and no kind of place.
#[test]
fn verbs_know_only_a_place() {
    let modules = Modules::of_library();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.is_in(&["src/commands"])) {
        let below = modules.own(source).into_iter().filter(|path| {
            path.first().is_some_and(|room| room == "engine") || path.iter().any(|name| name == "LocalPlace")
        });
        wrong.extend(below.map(|path| format!("{} names {}", source.path.display(), path.join("::"))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_file_opens_an_engine() {
    let modules = Modules::of_library();
    let opens = |source: &&Source| modules.own(source).iter().any(|path| path.ends_with(&OPENS.map(str::to_owned)));
    let files: Vec<_> = sources().iter().filter(opens).map(|source| source.path.to_str().unwrap()).collect();
    assert_eq!(files, ["src/place/local/mod.rs"]);
}

/// The call that opens an engine.
const OPENS: [&str; 2] = ["Docker", "connect"];

/// Files that read outside a project: files of the machine (`/proc`, `/etc`), and files that envctl itself wrote.
const OWN_READERS: [&str; 14] = [
    "src/files/",
    "src/system/mod.rs",
    "src/system/",
    "src/host/",
    "src/setup/",
    "src/bootstrap/",
    "src/engine/docker/transfer.rs",
    "src/connect/alias.rs",
    "src/connect/directory.rs",
    // Files that these lock, or write to the disk.
    "src/connect/install.rs",
    "src/project/guard.rs",
    "src/project/write.rs",
    "src/reconcile/listeners.rs",
    "src/matrix/update/",
];

#[test]
fn files_of_others_are_read_by_the_room_for_it() {
    let readers = ["std::fs::read", "std::fs::read_to_string", "std::fs::File", "std::fs::OpenOptions", "tokio::fs"];
    let wrong: Vec<_> = readers.iter().flat_map(|reader| named_elsewhere(reader, &OWN_READERS)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files that name the program's output streams: `ui`, and files that check for a terminal or pass on a container's
/// output, byte for byte.
const STREAMS: [&str; 5] =
    ["src/ui", "src/system/mod.rs", "src/terminal.rs", "src/commands/exec.rs", "src/commands/logs.rs"];

#[test]
fn only_ui_prints() {
    let macros = ["print", "println", "eprint", "eprintln", "dbg"];
    let printing = sources().iter().filter(|source| !source.is_in(&["src/ui"]));
    let mut wrong: Vec<_> = printing
        .filter(|source| source.macros.iter().any(|called| macros.contains(&called.as_str())))
        .map(|source| format!("{} prints", source.path.display()))
        .collect();
    let streams = ["std::io::stdout", "std::io::stderr", "tokio::io::stdout", "tokio::io::stderr"];
    wrong.extend(streams.iter().flat_map(|stream| named_elsewhere(stream, &STREAMS)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The files that name a part of a library without being allowed to.
fn named_elsewhere(library: &str, allowed: &[&str]) -> Vec<String> {
    let modules = Modules::of_library();
    let others = sources().iter().filter(|source| !source.is_in(allowed));
    let naming = others.filter(|source| {
        modules
            .outside(source)
            .iter()
            .any(|path| path.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
    });
    naming.map(|source| format!("{} names {library}", source.path.display())).collect()
}
