//! The wall around the core: every decision depends on values alone, from any machine, project or command line.

use std::collections::BTreeSet;
use std::path::Path;

use crate::source::{Source, sources};
use crate::uses::Modules;

/// The core: directories, and files.
const CORE: [&str; 31] = [
    "src/version.rs",
    "src/parser",
    "src/digest.rs",
    "src/address.rs",
    "src/error.rs",
    "src/text.rs",
    "src/event",
    "src/manifest",
    "src/host",
    "src/matrix",
    "src/foreign",
    "src/resolve",
    "src/lock",
    "src/proof",
    "src/render",
    "src/packages/compile_input.rs",
    "src/packages/compile_job.rs",
    "src/packages/file_line.rs",
    "src/packages/file_text.rs",
    "src/packages/framework_name.rs",
    "src/packages/locked.rs",
    "src/packages/pin.rs",
    "src/packages/requirements_file.rs",
    "src/packages/stand_in.rs",
    "src/packages/wanted_file.rs",
    "src/reconcile/plan.rs",
    "src/reconcile/view.rs",
    // The types of the engine seam: the desired and the observed container.
    "src/engine/container.rs",
    "src/engine/gpu.rs",
    "src/engine/image.rs",
    "src/project/id.rs",
];

/// Files in these directories that are outside the core, with the reason.
const OUTSIDE: [(&str, &str); 10] = [
    ("src/host/file.rs", "reads a file of facts"),
    ("src/host/fingerprint.rs", "asks the machine whether anything has changed"),
    ("src/host/probe", "asks the machine"),
    ("src/lock/ensure.rs", "reads a lock, runs uv, writes a lock"),
    ("src/lock/file.rs", "the lock's file"),
    ("src/lock/packages_search.rs", "runs uv"),
    ("src/lock/packages_ways.rs", "runs uv"),
    ("src/lock/question.rs", "reads requirements files"),
    ("src/matrix/site", "reads rows of a folder, of an archive, of what is kept on this machine"),
    ("src/matrix/update", "makes rows of what is published: a tool of those who keep the data"),
];

/// The libraries of effects: the file system, the network, the clock, processes, the environment.
const EFFECTS: [&str; 13] = [
    "std::env",
    "std::fs",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::ToSocketAddrs",
    "std::net::UdpSocket",
    "std::os::unix::net",
    "std::process",
    "std::time::Instant",
    "std::time::SystemTime",
    "reqwest",
    "rustix",
    "tokio",
];

/// Methods of a path that read the file system.
const ASKING_METHODS: [&str; 8] =
    ["canonicalize", "exists", "is_dir", "is_file", "is_symlink", "read_dir", "read_link", "symlink_metadata"];

#[test]
fn the_core_uses_nothing_but_the_core() {
    let modules = Modules::of_library();
    let core: BTreeSet<&Path> = core().map(|source| source.path.as_path()).collect();
    assert!(core.len() > 100, "the core has {} files", core.len());
    let mut wrong = Vec::new();
    for source in self::core() {
        let used = modules.files_used(source);
        let outside = used.iter().filter(|(file, _)| !core.contains(*file));
        wrong.extend(outside.map(|(_, name)| format!("{} uses {name}", source.path.display())));
    }
    assert!(wrong.is_empty(), "{} breaches of the wall:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_core_asks_no_machine() {
    let modules = Modules::of_library();
    let wrong: Vec<_> = core().flat_map(|source| effects(&modules, source)).collect();
    assert!(wrong.is_empty(), "{} effects in the core:\n{}", wrong.len(), wrong.join("\n"));
}

fn core() -> impl Iterator<Item = &'static Source> {
    let outside = OUTSIDE.map(|(place, _)| place);
    sources().iter().filter(move |source| source.is_in(&CORE) && !source.is_in(&outside))
}

fn effects(modules: &Modules, source: &Source) -> Vec<String> {
    let named = modules.outside(source).into_iter().filter(|path| {
        let is_below = |rest: &str| rest.is_empty() || rest.starts_with("::");
        EFFECTS.iter().any(|effect| path.strip_prefix(effect).is_some_and(is_below))
    });
    let asking = source.methods.iter().filter(|name| ASKING_METHODS.contains(&name.as_str()));
    let all = named.chain(asking.map(|name| format!(".{name}()")));
    all.map(|what| format!("{}: {what}", source.path.display())).collect()
}
