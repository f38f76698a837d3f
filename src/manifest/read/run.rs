//! Reads `[run]`: the settings of the running container.
//!
//! The numbers of ports and mounts are limited, because a manifest can come from a stranger.

use std::collections::BTreeMap;
use std::ops::Range;

use super::access::paths;
use crate::manifest::problem::ProblemKind;
use crate::manifest::reader::{Reader, TableReader, located, scalar_text};
use crate::manifest::tree::{Entries, Entry, Node, Value};
use crate::manifest::types::{ContainerPath, CpuCount, Mount, MountTarget, Port, Ulimit, UlimitName};
use crate::manifest::{Located, Origin, Run};

/// The largest number of published ports. Each port of a range counts.
const MOST_PORTS: usize = 1024;

/// The largest number of mounts, and of `tmpfs` mounts.
const MOST_MOUNTS: usize = 256;

/// The mount path of the project when the manifest sets none.
const WORKSPACE: &str = "/workspace";

pub(super) fn run_table(reader: &mut Reader, mut table: TableReader) -> Run {
    let workspace = || WORKSPACE.parse().ok();
    let project = match table.take("project") {
        None => workspace(),
        Some(Entry { node: Node { value: Value::Flag(wanted), .. }, .. }) => wanted.then(workspace).flatten(),
        Some(entry) => reader.checked("run.project".to_owned(), &entry.node).map(|path| path.value),
    };
    let t = &mut table;
    let run = Run {
        project,
        mounts: mounts(reader, t),
        ports: ports(reader, t),
        persist_home: reader.flag(t, "persist-home").is_none_or(|persist| persist.value),
        shm_size: reader.text_or_integer(t, "shm-size"),
        ulimits: ulimits(reader, t),
        env: reader.pairs(t, "env"),
        env_file: paths(reader, t, "env-file").unwrap_or_default(),
        workdir: reader.text(t, "workdir"),
        user: reader.text(t, "user"),
        command: command(reader, t),
        hostname: reader.text(t, "hostname"),
        ipc: reader.text(t, "ipc"),
        restart: reader.text(t, "restart"),
        cpus: cpus(reader, t),
        memory: reader.text_or_integer(t, "memory"),
        privileged: reader.flag(t, "privileged"),
        cap_add: reader.list(t, "cap-add"),
        devices: reader.list(t, "devices"),
        network: reader.text(t, "network"),
        x11: reader.flag(t, "x11"),
        selinux: reader.plain(t, "selinux"),
        volumes_from: reader.plain_list(t, "volumes-from").unwrap_or_default(),
        tmpfs: memory(reader, t),
        extra_hosts: reader.list(t, "extra-hosts"),
    };
    reader.finish(table);
    run
}

/// Reads mounts: `"FROM:TO[:ro]"`, or a table.
fn mounts(reader: &mut Reader, table: &mut TableReader) -> Vec<Located<Mount>> {
    let items = reader.items(table, "mounts", "a list of mounts").unwrap_or_default();
    let mut mounts = Vec::new();
    limit_mounts(reader, &items, "mounts");
    for item in items.into_iter().take(MOST_MOUNTS) {
        match item.value {
            Value::Table(entries) => mounts.extend(mount_table(reader, entries, &item.span, item.origin)),
            _ => mounts.extend(reader.checked("run.mounts[]".to_owned(), &item)),
        }
    }
    mounts
}

fn limit_mounts(reader: &mut Reader, items: &[Node], of: &'static str) {
    if let Some(item) = items.get(MOST_MOUNTS) {
        let kind = ProblemKind::TooMuch { of, found: items.len(), most: MOST_MOUNTS };
        reader.problem(kind, &item.span);
    }
}

fn mount_table(reader: &mut Reader, entries: Entries, span: &Range<usize>, origin: Origin) -> Option<Located<Mount>> {
    let mut table = TableReader::new("run.mounts.*", entries);
    for key in ["from", "to"] {
        let missing = table.take(key).map(|entry| (key, entry));
        match missing {
            None => reader.problem(ProblemKind::MissingKey { key, of: "a mount" }, span),
            Some((key, entry)) => table.put(key, entry),
        }
    }
    let (source, target) = (reader.text(&mut table, "from"), reader.text::<MountTarget>(&mut table, "to"));
    let read_only = reader.flag(&mut table, "read-only").is_some_and(|read_only| read_only.value);
    reader.finish(table);
    let mount = Mount { source: source?.value, target: target?.value.0, read_only };
    Some(Located { value: mount, span: Some(span.clone()), origin })
}

fn memory(reader: &mut Reader, table: &mut TableReader) -> Vec<Located<ContainerPath>> {
    let items = reader.items(table, "tmpfs", "a list of strings").unwrap_or_default();
    limit_mounts(reader, &items, "places in memory");
    let items = items.iter().take(MOST_MOUNTS);
    items.filter_map(|item| reader.checked("run.tmpfs[]".to_owned(), item)).collect()
}

/// Reads ports: each item is one port or a range of ports.
fn ports(reader: &mut Reader, table: &mut TableReader) -> Vec<Located<Port>> {
    let items = reader.items(table, "ports", "a list of strings").unwrap_or_default();
    let mut ports = Vec::new();
    for item in items.into_iter().map(scalar_text) {
        let Value::Text(text) = &item.value else {
            reader.wrong_type("run.ports[]".to_owned(), &item, "a string");
            continue;
        };
        match Port::parse(text) {
            Ok(found) if ports.len() + found.len() > MOST_PORTS => {
                let found = ports.len() + found.len();
                let kind = ProblemKind::TooMuch { of: "published ports", found, most: MOST_PORTS };
                reader.problem(kind, &item.span);
                break;
            }
            Ok(found) => ports.extend(found.into_iter().map(|port| located(port, &item))),
            Err(error) => reader.problem(ProblemKind::BadValue(error), &item.span),
        }
    }
    ports
}

/// Reads resource limits: a number, `"SOFT:HARD"`, `"unlimited"`, or a table with both.
fn ulimits(reader: &mut Reader, table: &mut TableReader) -> BTreeMap<UlimitName, Located<Ulimit>> {
    let Some(entry) = table.take("ulimits") else { return BTreeMap::new() };
    let Value::Table(entries) = entry.node.value else {
        reader.wrong_type("run.ulimits".to_owned(), &entry.node, "a table such as `{ nofile = 4096 }`");
        return BTreeMap::new();
    };
    let mut limits = BTreeMap::new();
    for (name, entry) in entries {
        let limit = match entry.node.value {
            Value::Table(pair) => ulimit_table(reader, pair, &entry.node.span, entry.node.origin),
            _ => reader.checked(format!("run.ulimits.{name}"), &scalar_text(entry.node)),
        };
        match name.parse::<UlimitName>() {
            Ok(name) => limits.extend(limit.map(|limit| (name, limit))),
            Err(error) => reader.problem(ProblemKind::BadValue(error), &entry.key_span),
        }
    }
    limits
}

fn ulimit_table(reader: &mut Reader, entries: Entries, span: &Range<usize>, origin: Origin) -> Option<Located<Ulimit>> {
    let mut table = TableReader::new("run.ulimits.*", entries);
    let mut part = |key: &'static str| match table.take(key).map(|entry| entry.node) {
        Some(Node { value: Value::Integer(Some(number), _), .. }) => Some(number),
        Some(node) => {
            reader.wrong_type(format!("run.ulimits.*.{key}"), &node, "an integer, -1 for unlimited");
            None
        }
        None => {
            reader.problem(ProblemKind::MissingKey { key, of: "a limit" }, span);
            None
        }
    };
    let (soft, hard) = (part("soft"), part("hard"));
    reader.finish(table);
    match Ulimit::new(soft?, hard?) {
        Ok(limit) => Some(Located { value: limit, span: Some(span.clone()), origin }),
        Err(error) => {
            reader.problem(ProblemKind::BadValue(error), span);
            None
        }
    }
}

fn command(reader: &mut Reader, table: &mut TableReader) -> Option<Located<Vec<String>>> {
    reader.not_empty(table, "command", "run.command", "leave out `command`: then SSH alone keeps the container up");
    let words = reader.plain_list(table, "command")?;
    let span = words.first().zip(words.last()).and_then(|(first, last)| {
        let (first, last) = (first.span.as_ref()?, last.span.as_ref()?);
        Some(first.start..last.end)
    });
    let origin = words.first()?.origin;
    Some(Located { value: words.into_iter().map(|word| word.value).collect(), span, origin })
}

fn cpus(reader: &mut Reader, table: &mut TableReader) -> Option<Located<CpuCount>> {
    let entry = table.take("cpus")?;
    #[expect(clippy::cast_precision_loss, reason = "a count of CPUs is small, and a large one is refused below")]
    let count = match &entry.node.value {
        Value::Integer(Some(count), _) => *count as f64,
        Value::Float(count, _) => *count,
        _ => {
            reader.wrong_type("run.cpus".to_owned(), &entry.node, "a number");
            return None;
        }
    };
    match CpuCount::new(count) {
        Ok(count) => Some(located(count, &entry.node)),
        Err(error) => {
            reader.problem(ProblemKind::BadValue(error), &entry.node.span);
            None
        }
    }
}
