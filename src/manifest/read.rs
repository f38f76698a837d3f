//! Layers → [`Manifest`]: one function per table, every key of the schema taken by name.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::error::{ManifestError, ProblemKind};
use super::reader::{Reader, Table, located, scalar_text};
use super::schema;
use super::sources::{Layer, LayerKind, Sources};
use super::tree::{self, Entries, Entry, Node, Value};
use super::types::{
    CpuCount, EnvironmentName, GpuDevices, HostPath, LowestDriver, Mount, PackageName, Port, Ulimit, UlimitName,
    ValueError,
};
use super::vocabulary::Vocabulary;
use super::{
    BaseImages, Build, CaCertificates, Cuda, FrameworkId, FrameworkRequest, Gpu, Located, Manifest, Network, Python,
    Run, Ssh, SystemTable, Target,
};
use crate::version::VersionRequest;

/// Where the project is mounted when the manifest says nothing.
const WORKSPACE: &str = "/workspace";

impl Manifest {
    /// Reads a manifest with its overlays; later kinds win, key by key.
    pub fn parse_layers(layers: Vec<Layer>) -> Result<Self, ManifestError> {
        Self::parse_with(layers, &Vocabulary::default())
    }

    /// The same with the frameworks of a matrix.
    pub fn parse_with(layers: Vec<Layer>, vocabulary: &Vocabulary) -> Result<Self, ManifestError> {
        let sources = Sources::new(layers);
        let mut reader = Reader::default();
        let mut merged = Entries::new();
        for (start, layer) in sources.layers() {
            let (entries, errors) = tree::parse(&layer.text, start);
            for error in errors {
                reader.problem(ProblemKind::Syntax { message: error.message }, &error.span);
            }
            if !matches!(layer.kind, LayerKind::Project | LayerKind::Local | LayerKind::CommandLine) {
                projects_only(&mut reader, &entries);
            }
            tree::lay(&mut merged, entries);
        }
        // What is no TOML was read in part only: what else seems wrong may be a consequence.
        if reader.problems.iter().any(|problem| matches!(problem.kind, ProblemKind::Syntax { .. })) {
            return Err(ManifestError { problems: reader.problems, sources });
        }
        let manifest = manifest(&mut reader, Table::new("", merged), &sources, vocabulary);
        let mut problems = reader.problems;
        problems.sort_by_key(|problem| problem.span.start);
        if problems.is_empty() { Ok(manifest) } else { Err(ManifestError { problems, sources }) }
    }
}

/// A lab's configuration holds for all projects: what names one has no place there.
fn projects_only(reader: &mut Reader, entries: &Entries) {
    for key in ["name", "frameworks"] {
        if let Some(entry) = entries.get(key) {
            reader.problem(ProblemKind::OnlyInProject { key }, &entry.key_span);
        }
    }
}

fn manifest(reader: &mut Reader, mut root: Table, sources: &Sources, vocabulary: &Vocabulary) -> Manifest {
    let main = sources.main();
    let path = main.map(|layer| layer.path.clone()).unwrap_or_default();
    let text = main.map(|layer| layer.text.clone()).unwrap_or_default();
    let name = reader.text(&mut root, "name").unwrap_or_else(|| Located::default_value(default_name(&path)));
    let envctl = tool(reader, &mut root);
    let frameworks = frameworks(reader, &mut root, vocabulary);
    let mut table = |reader: &mut Reader, name| reader.table(&mut root, name);
    let (python, cuda) = (table(reader, "python"), table(reader, "cuda"));
    let (system, target, gpu) = (table(reader, "system"), table(reader, "target"), table(reader, "gpu"));
    let (run, ssh, build) = (table(reader, "run"), table(reader, "ssh"), table(reader, "build"));
    let (network, mut publish) = (table(reader, "network"), table(reader, "publish"));
    let cuda = cuda_table(reader, cuda);
    if frameworks.is_empty() && cuda.version.is_none() && reader.problems.is_empty() {
        reader.problem(ProblemKind::NothingAsked, &(0..0));
    }
    let manifest = Manifest {
        name,
        envctl,
        frameworks,
        python: python_table(reader, python),
        cuda,
        system: system_table(reader, system),
        target: target_table(reader, target),
        gpu: gpu_table(reader, gpu),
        run: run_table(reader, run),
        ssh: ssh_table(reader, ssh),
        build: build_table(reader, build),
        network: network_table(reader, network),
        publish: reader.text(&mut publish, "image"),
        path,
        text,
        sources: sources.clone(),
    };
    reader.finish(publish);
    unknown_at_top(reader, root);
    manifest
}

fn default_name(path: &Path) -> EnvironmentName {
    let directory = path.parent().and_then(Path::file_name).unwrap_or_default();
    EnvironmentName::from_directory(&directory.to_string_lossy())
}

fn unknown_at_top(reader: &mut Reader, root: Table) {
    for (key, entry) in root.into_entries() {
        if matches!(entry.node.value, Value::Table(_)) {
            let other = schema::OTHER_TABLES.iter().find(|(name, _)| *name == key).map(|(_, table)| *table);
            let near = other.or_else(|| schema::nearest(&key, schema::TABLES));
            reader.problem(ProblemKind::UnknownTable { table: key, near }, &entry.key_span);
        } else {
            let answer = schema::answer("", &key);
            reader.problem(ProblemKind::UnknownKey { key, table: "", answer }, &entry.key_span);
        }
    }
}

fn tool(reader: &mut Reader, root: &mut Table) -> Option<Located<semver::VersionReq>> {
    let asked = reader.plain(root, "envctl")?;
    let span = asked.span.clone().unwrap_or_default();
    let Ok(wanted) = asked.value.parse::<semver::VersionReq>() else {
        let error = ValueError {
            text: asked.value,
            what: "a range of envctl's versions",
            why: "it can't be read".into(),
            allowed: "a range such as `>=0.1`".into(),
        };
        reader.problem(ProblemKind::BadValue(error), &span);
        return None;
    };
    let have = env!("CARGO_PKG_VERSION");
    if have.parse().is_ok_and(|version| !wanted.matches(&version)) {
        reader.problem(ProblemKind::OtherTool { wanted: asked.value, have }, &span);
    }
    Some(Located { value: wanted, span: asked.span })
}

fn frameworks(
    reader: &mut Reader,
    root: &mut Table,
    vocabulary: &Vocabulary,
) -> BTreeMap<FrameworkId, Located<FrameworkRequest>> {
    let mut found = BTreeMap::new();
    for (name, entry) in reader.table(root, "frameworks").into_entries() {
        let Some(id) = vocabulary.framework(&name) else {
            let meant = vocabulary.framework_called(&name).map(ToString::to_string);
            let ids = vocabulary.ids();
            let meant = meant.or_else(|| schema::nearest(&name, ids.iter().copied()).map(str::to_owned));
            let known = ids.into_iter().map(str::to_owned).collect();
            reader.problem(ProblemKind::UnknownFramework { name, meant, known }, &entry.key_span);
            continue;
        };
        if let Some(request) = framework(reader, &name, entry) {
            found.insert(id.clone(), request);
        }
    }
    found
}

fn framework(reader: &mut Reader, name: &str, entry: Entry) -> Option<Located<FrameworkRequest>> {
    let span = Some(entry.node.span.clone());
    let Value::Table(entries) = entry.node.value else {
        if !matches!(entry.node.value, Value::Text(_)) {
            let allowed = "a string such as `\"2.4\"` or a table with `version` and `with`";
            reader.wrong_type(format!("frameworks.{name}"), &entry.node, allowed);
            return None;
        }
        let version = reader.checked(format!("frameworks.{name}"), &entry.node)?;
        return Some(Located { value: FrameworkRequest { version: version.value, with: Vec::new() }, span });
    };
    let mut table = Table::new("frameworks.*", entries);
    let version: Option<Located<VersionRequest>> = reader.text(&mut table, "version");
    let with: Vec<Located<PackageName>> = reader.list(&mut table, "with");
    reader.finish(table);
    let span = version.as_ref().map_or(span, |version| version.span.clone());
    let version = version.map_or_else(VersionRequest::any, |version| version.value);
    Some(Located { value: FrameworkRequest { version, with }, span })
}

fn python_table(reader: &mut Reader, mut table: Table) -> Python {
    let exclude_newer = table.take("exclude-newer").and_then(|mut entry| {
        if let Value::Moment(moment) = &entry.node.value {
            entry.node.value = Value::Text(moment.clone());
        }
        reader.checked("python.exclude-newer".to_owned(), &entry.node)
    });
    let python = Python {
        version: reader.text(&mut table, "version"),
        packages: reader.list(&mut table, "packages"),
        requirements: reader.list(&mut table, "requirements"),
        exclude_newer,
    };
    reader.finish(table);
    python
}

fn cuda_table(reader: &mut Reader, mut table: Table) -> Cuda {
    let cuda = Cuda {
        version: reader.text(&mut table, "version"),
        cudnn: reader.text(&mut table, "cudnn"),
        toolkit: reader.text(&mut table, "toolkit"),
    };
    reader.finish(table);
    cuda
}

fn system_table(reader: &mut Reader, mut table: Table) -> SystemTable {
    let system = SystemTable {
        base: reader.text(&mut table, "base"),
        image: reader.text(&mut table, "image"),
        packages: reader.list(&mut table, "packages"),
    };
    if let (Some(_), Some(image)) = (&system.base, &system.image) {
        let span = image.span.clone().unwrap_or_default();
        reader.problem(ProblemKind::Clash { one: "system.image", other: "system.base" }, &span);
    }
    reader.finish(table);
    system
}

fn target_table(reader: &mut Reader, mut table: Table) -> Target {
    let driver: Option<Located<LowestDriver>> = reader.text_or_integer(&mut table, "driver");
    let target = Target {
        driver: driver.map(|driver| Located { value: driver.value.0, span: driver.span }),
        gpus: reader.list(&mut table, "gpus"),
        arch: reader.text(&mut table, "arch"),
    };
    reader.finish(table);
    target
}

fn gpu_table(reader: &mut Reader, mut table: Table) -> Gpu {
    let devices = table.take("devices").and_then(|entry| gpu_devices(reader, entry.node));
    let asked = reader.list(&mut table, "driver-capabilities");
    let driver_capabilities = if asked.is_empty() {
        ["compute", "utility"].iter().filter_map(|name| name.parse().ok()).collect()
    } else {
        asked.into_iter().map(|capability| capability.value).collect()
    };
    let gpu = Gpu {
        devices: devices.unwrap_or_else(|| Located::default_value(GpuDevices::All)),
        optional: reader.flag(&mut table, "optional").is_some_and(|optional| optional.value),
        driver_capabilities,
    };
    reader.finish(table);
    gpu
}

fn gpu_devices(reader: &mut Reader, node: Node) -> Option<Located<GpuDevices>> {
    let key = || "gpu.devices".to_owned();
    let span = node.span.clone();
    let devices = match &node.value {
        Value::Text(_) => return reader.checked(key(), &node),
        Value::Table(entries) => {
            let mut table = Table::new("gpu.devices", entries.clone());
            let count = table.take("count");
            reader.finish(table);
            match count.as_ref().map(|count| &count.node.value) {
                Some(Value::Integer(Some(count), _)) if (1..=1024).contains(count) => {
                    Some(GpuDevices::Count(u32::try_from(*count).unwrap_or(1)))
                }
                _ => None,
            }
        }
        Value::List(items) => gpu_list(reader, items),
        _ => None,
    };
    if devices.is_none() {
        let error = GpuDevices::error(&node.value.to_toml(), "there is no such choice");
        reader.problem(ProblemKind::BadValue(error), &span);
    }
    devices.map(|devices| Located { value: devices, span: Some(span) })
}

fn gpu_list(reader: &mut Reader, items: &[Node]) -> Option<GpuDevices> {
    let index = |item: &Node| match item.value {
        Value::Integer(Some(index), _) => u32::try_from(index).ok(),
        _ => None,
    };
    let indices: Option<Vec<u32>> = items.iter().map(index).collect();
    if let Some(indices) = indices.filter(|indices| !indices.is_empty()) {
        return Some(GpuDevices::Indices(indices));
    }
    let mut ids = Vec::new();
    for item in items {
        let Value::Text(text) = &item.value else { return None };
        match GpuDevices::identifier(text) {
            Ok(id) => ids.push(id),
            Err(error) => reader.problem(ProblemKind::BadValue(error), &item.span),
        }
    }
    (!items.is_empty()).then_some(GpuDevices::Ids(ids))
}

fn run_table(reader: &mut Reader, mut table: Table) -> Run {
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
        tmpfs: reader.list(t, "tmpfs"),
        extra_hosts: reader.list(t, "extra-hosts"),
    };
    reader.finish(table);
    run
}

/// `"FROM:TO[:ro]"`, or a table.
fn mounts(reader: &mut Reader, table: &mut Table) -> Vec<Located<Mount>> {
    let items = reader.items(table, "mounts", "a list of mounts").unwrap_or_default();
    let mut mounts = Vec::new();
    for item in items {
        match item.value {
            Value::Table(entries) => mounts.extend(mount_table(reader, entries, &item.span)),
            _ => mounts.extend(reader.checked("run.mounts[]".to_owned(), &item)),
        }
    }
    mounts
}

fn mount_table(reader: &mut Reader, entries: Entries, span: &Range<usize>) -> Option<Located<Mount>> {
    let mut table = Table::new("run.mounts.*", entries);
    for key in ["from", "to"] {
        let missing = table.take(key).map(|entry| (key, entry));
        match missing {
            None => reader.problem(ProblemKind::MissingKey { key, of: "a mount" }, span),
            Some((key, entry)) => table.put(key, entry),
        }
    }
    let (source, target) = (reader.text(&mut table, "from"), reader.text(&mut table, "to"));
    let read_only = reader.flag(&mut table, "read-only").is_some_and(|read_only| read_only.value);
    reader.finish(table);
    let mount = Mount { source: source?.value, target: target?.value, read_only };
    Some(Located { value: mount, span: Some(span.clone()) })
}

/// Each item is one port or a range of them.
fn ports(reader: &mut Reader, table: &mut Table) -> Vec<Located<Port>> {
    let items = reader.items(table, "ports", "a list of strings").unwrap_or_default();
    let mut ports = Vec::new();
    for item in items.into_iter().map(scalar_text) {
        let Value::Text(text) = &item.value else {
            reader.wrong_type("run.ports[]".to_owned(), &item, "a string");
            continue;
        };
        match Port::parse(text) {
            Ok(found) => ports.extend(found.into_iter().map(|port| located(port, &item))),
            Err(error) => reader.problem(ProblemKind::BadValue(error), &item.span),
        }
    }
    ports
}

/// A number, `"SOFT:HARD"`, `"unlimited"`, or a table with both.
fn ulimits(reader: &mut Reader, table: &mut Table) -> BTreeMap<UlimitName, Located<Ulimit>> {
    let Some(entry) = table.take("ulimits") else { return BTreeMap::new() };
    let Value::Table(entries) = entry.node.value else {
        reader.wrong_type("run.ulimits".to_owned(), &entry.node, "a table of names and limits");
        return BTreeMap::new();
    };
    let mut limits = BTreeMap::new();
    for (name, entry) in entries {
        let limit = match entry.node.value {
            Value::Table(pair) => ulimit_table(reader, pair, &entry.node.span),
            _ => reader.checked(format!("run.ulimits.{name}"), &scalar_text(entry.node)),
        };
        match name.parse::<UlimitName>() {
            Ok(name) => limits.extend(limit.map(|limit| (name, limit))),
            Err(error) => reader.problem(ProblemKind::BadValue(error), &entry.key_span),
        }
    }
    limits
}

fn ulimit_table(reader: &mut Reader, entries: Entries, span: &Range<usize>) -> Option<Located<Ulimit>> {
    let mut table = Table::new("run.ulimits.*", entries);
    let mut part = |key: &'static str| match table.take(key).map(|entry| entry.node.value) {
        Some(Value::Integer(Some(number), _)) => Some(number),
        _ => {
            reader.problem(ProblemKind::MissingKey { key, of: "a limit" }, span);
            None
        }
    };
    let (soft, hard) = (part("soft"), part("hard"));
    reader.finish(table);
    match Ulimit::new(soft?, hard?) {
        Ok(limit) => Some(Located { value: limit, span: Some(span.clone()) }),
        Err(error) => {
            reader.problem(ProblemKind::BadValue(error), span);
            None
        }
    }
}

fn command(reader: &mut Reader, table: &mut Table) -> Option<Located<Vec<String>>> {
    let words = reader.plain_list(table, "command")?;
    let span = words.first().zip(words.last()).and_then(|(first, last)| {
        let (first, last) = (first.span.as_ref()?, last.span.as_ref()?);
        Some(first.start..last.end)
    });
    (!words.is_empty()).then(|| Located { value: words.into_iter().map(|word| word.value).collect(), span })
}

fn cpus(reader: &mut Reader, table: &mut Table) -> Option<Located<CpuCount>> {
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

/// One path or a list of them.
fn paths(reader: &mut Reader, table: &mut Table, key: &str) -> Option<Vec<Located<PathBuf>>> {
    let entry = table.take(key)?;
    let items = match entry.node.value {
        Value::List(items) => items,
        _ => vec![entry.node],
    };
    let path = |item: &Node| reader.checked::<HostPath>(key.to_owned(), item);
    let paths = items.iter().filter_map(path);
    Some(paths.map(|path| Located { value: path.value.into(), span: path.span }).collect())
}

fn ssh_table(reader: &mut Reader, mut table: Table) -> Ssh {
    let port = table.take("port").and_then(|entry| match &entry.node.value {
        Value::Integer(Some(port), _) if (1..=65535).contains(port) => {
            u16::try_from(*port).ok().map(|port| located(port, &entry.node))
        }
        _ => {
            reader.wrong_type("ssh.port".to_owned(), &entry.node, "a number from 1 to 65535");
            None
        }
    });
    let listen = reader.plain(&mut table, "listen").and_then(|asked| {
        let address =
            if asked.value == "localhost" { Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)) } else { asked.value.parse() };
        if let Ok(value) = address {
            return Some(Located { value, span: asked.span });
        }
        let error = ValueError {
            text: asked.value,
            what: "an address",
            why: "it can't be read".into(),
            allowed: "an IP address such as `127.0.0.1` or `0.0.0.0`".into(),
        };
        reader.problem(ProblemKind::BadValue(error), &asked.span.unwrap_or_default());
        None
    });
    let ssh = Ssh {
        enabled: reader.flag(&mut table, "enabled").is_none_or(|enabled| enabled.value),
        port,
        listen: listen.unwrap_or_else(|| Located::default_value(Ipv4Addr::LOCALHOST.into())),
        authorized_keys: paths(reader, &mut table, "authorized-keys"),
    };
    reader.finish(table);
    ssh
}

fn build_table(reader: &mut Reader, mut table: Table) -> Build {
    let args: BTreeMap<_, Located<super::EnvValue>> = reader.pairs(&mut table, "args");
    let args = args.into_iter().map(|(name, value)| {
        let text = Located { value: value.value.to_string(), span: value.span };
        (name, text)
    });
    let build = Build {
        run: reader.plain_list(&mut table, "run").unwrap_or_default(),
        copy: reader.list(&mut table, "copy"),
        secrets: reader.list(&mut table, "secrets"),
        args: args.collect(),
        append: reader.plain(&mut table, "append"),
    };
    reader.finish(table);
    build
}

fn network_table(reader: &mut Reader, mut table: Table) -> Network {
    let ca_certificates = table.take("ca-certificates").and_then(|entry| certificates(reader, entry));
    let base_images = reader.plain(&mut table, "base-images").and_then(|asked| {
        let value = match asked.value.as_str() {
            "registry" => BaseImages::Registry,
            "bootstrap" => BaseImages::Bootstrap,
            _ => {
                let error = ValueError {
                    text: asked.value,
                    what: "a way to base images",
                    why: "there is none of that name".into(),
                    allowed: "`registry` or `bootstrap`".into(),
                };
                reader.problem(ProblemKind::BadValue(error), &asked.span.unwrap_or_default());
                return None;
            }
        };
        Some(Located { value, span: asked.span })
    });
    let t = &mut table;
    let network = Network {
        apt_mirror: reader.text(t, "apt-mirror"),
        pip_index: reader.text(t, "pip-index"),
        pip_extra_indexes: reader.list(t, "pip-extra-indexes"),
        image_mirror: reader.text(t, "image-mirror"),
        proxy: reader.text(t, "proxy"),
        no_proxy: reader.list(t, "no-proxy"),
        python_mirror: reader.text(t, "python-mirror"),
        ca_certificates: ca_certificates.unwrap_or_else(|| Located::default_value(CaCertificates::Host)),
        base_images: base_images.unwrap_or_else(|| Located::default_value(BaseImages::default())),
    };
    reader.finish(table);
    network
}

/// `"host"`, `"image"` or PEM files.
fn certificates(reader: &mut Reader, entry: Entry) -> Option<Located<CaCertificates>> {
    let span = entry.node.span.clone();
    let value = match &entry.node.value {
        Value::Text(text) if text == "host" => CaCertificates::Host,
        Value::Text(text) if text == "image" => CaCertificates::Image,
        Value::List(items) => {
            let path = |item: &Node| reader.checked::<HostPath>("network.ca-certificates[]".to_owned(), item);
            CaCertificates::Files(items.iter().filter_map(path).map(|path| path.value.into()).collect())
        }
        _ => {
            let allowed = "`\"host\"`, `\"image\"` or a list of PEM files";
            reader.wrong_type("network.ca-certificates".to_owned(), &entry.node, allowed);
            return None;
        }
    };
    Some(Located { value, span: Some(span) })
}
