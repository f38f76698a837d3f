//! Turns the merged layers into a [`Manifest`], with one function per table.
//!
//! Each function takes every key of the schema by name. A key that no function takes is an unknown key and a problem.

use std::path::Path;

use super::check;
use super::error::{FoundProblem, ManifestError};
use super::problem::ProblemKind;
use super::reader::{Reader, TableReader};
use super::schema;
use super::settings;
use super::sources::{Layer, LayerKind, Sources};
use super::tree::{self, Entries, SyntaxError, Value};
use super::types::{EnvironmentName, OverlaySource, SafeDirectory, ValueError};
use super::vocabulary::Vocabulary;
use super::{Located, Manifest};

mod access;
mod frameworks;
mod gpu;
mod run;
mod stack;

impl Manifest {
    /// Reads one manifest without overlays. The environment's default name is `directory_name`.
    pub fn parse(
        path: &Path,
        text: &str,
        directory_name: &str,
        vocabulary: &Vocabulary,
    ) -> Result<Self, ManifestError> {
        let layer = Layer { path: path.to_path_buf(), text: text.to_owned(), kind: LayerKind::Project };
        read(vec![layer], EnvironmentName::from_directory(directory_name), vocabulary)
    }

    /// Reads a manifest with its overlays. A later kind wins, key by key. The environment's default name comes from the
    /// manifest's directory.
    pub fn parse_layers(layers: Vec<Layer>) -> Result<Self, ManifestError> {
        Self::parse_with(layers, &Vocabulary::default())
    }

    /// Reads a manifest with its overlays and the frameworks of a matrix.
    pub fn parse_with(layers: Vec<Layer>, vocabulary: &Vocabulary) -> Result<Self, ManifestError> {
        let main = layers.iter().find(|layer| layer.kind == LayerKind::Project);
        let directory = main.and_then(|layer| layer.path.parent()).and_then(Path::file_name).unwrap_or_default();
        let name = EnvironmentName::from_directory(&directory.to_string_lossy());
        read(layers, name, vocabulary)
    }
}

fn read(layers: Vec<Layer>, name: EnvironmentName, vocabulary: &Vocabulary) -> Result<Manifest, ManifestError> {
    let sources = Sources::new(layers);
    let mut reader = Reader::default();
    let mut merged = Entries::new();
    let mut broken = Vec::new();
    for (start, layer) in sources.layers() {
        let (entries, errors) = tree::parse(&layer.text, start, layer.kind.origin());
        broken.extend(errors.into_iter().map(|error| syntax(&sources, error)));
        if layer.kind < LayerKind::Project {
            projects_only(&mut reader, &entries);
        } else {
            // Rows decide the source of packages, and a project cannot declare itself safe. So a clone can set neither.
            for table in ["matrix", "projects"] {
                if let Some(entry) = entries.get(table) {
                    reader.problem(ProblemKind::OnlyInConfig { table }, &entry.key_span);
                }
            }
        }
        tree::lay_layer(&mut merged, entries);
    }
    let settings = settings::of(&merged);
    let manifest = manifest(&mut reader, TableReader::new("", merged), &sources, name, vocabulary);
    let manifest = Manifest { settings, ..manifest };
    if reader.found.is_empty() && broken.is_empty() {
        check::contradictions(&mut reader, &manifest);
    }
    let found = with_syntax(&sources, broken, reader.found);
    if found.is_empty() { Ok(manifest) } else { Err(ManifestError::new(&sources, found)) }
}

/// The sources of matrix rows in the configuration of a machine and a user, lowest first. The other tables of the
/// configuration are read with a manifest, not here.
pub fn overlays(layers: Vec<Layer>) -> Result<Vec<OverlaySource>, ManifestError> {
    config_list(layers, "matrix", access::matrix_table)
}

/// The directories in which the configuration of a machine and a user accepts manifests, regardless of their owner.
pub fn safe_directories(layers: Vec<Layer>) -> Result<Vec<SafeDirectory>, ManifestError> {
    config_list(layers, "projects", access::projects_table)
}

fn config_list<T>(
    layers: Vec<Layer>,
    table: &'static str,
    read: impl Fn(&mut Reader, TableReader) -> Vec<Located<T>>,
) -> Result<Vec<T>, ManifestError> {
    let sources = Sources::new(layers);
    let mut reader = Reader::default();
    let mut merged = Entries::new();
    for (start, layer) in sources.layers() {
        tree::lay_layer(&mut merged, tree::parse(&layer.text, start, layer.kind.origin()).0);
    }
    let table = reader.table(&mut TableReader::new("", merged), table);
    let found = read(&mut reader, table);
    if reader.found.is_empty() {
        return Ok(found.into_iter().map(|item| item.value).collect());
    }
    Err(ManifestError::new(&sources, reader.found))
}

fn syntax(sources: &Sources, error: SyntaxError) -> FoundProblem {
    let SyntaxError { kind, span } = error;
    let text = sources.layer_of(&span).and_then(|(layer, span)| layer.text.get(span)).unwrap_or_default();
    let kind = match kind {
        ProblemKind::Syntax { message } if message == "duplicate key" => {
            ProblemKind::DuplicateKey { key: text.trim_matches(['"', '\'']).to_owned() }
        }
        other => other,
    };
    FoundProblem { kind, span, also: None }
}

/// Adds the other problems to the syntax errors. It drops problems on the same lines and `NothingAsked`, because the
/// syntax error can be their cause.
fn with_syntax(sources: &Sources, broken: Vec<FoundProblem>, found: Vec<FoundProblem>) -> Vec<FoundProblem> {
    let lines: Vec<Option<String>> = broken.iter().map(|found| sources.place(&found.span)).collect();
    let apart = |found: &FoundProblem| {
        broken.is_empty() || (found.kind != ProblemKind::NothingAsked && !lines.contains(&sources.place(&found.span)))
    };
    let rest: Vec<FoundProblem> = found.into_iter().filter(apart).collect();
    broken.into_iter().chain(rest).collect()
}

/// Refuses keys that name one project, because a lab's configuration applies to all projects.
fn projects_only(reader: &mut Reader, entries: &Entries) {
    for key in ["name", "frameworks"] {
        if let Some(entry) = entries.get(key) {
            reader.problem(ProblemKind::OnlyInProject { key }, &entry.key_span);
        }
    }
}

fn manifest(
    reader: &mut Reader,
    mut root: TableReader,
    sources: &Sources,
    default_name: EnvironmentName,
    vocabulary: &Vocabulary,
) -> Manifest {
    let main = sources.main();
    let path = main.map(|layer| layer.path.clone()).unwrap_or_default();
    let text = main.map(|layer| layer.text.clone()).unwrap_or_default();
    let name = reader.text(&mut root, "name").unwrap_or_else(|| Located::default_value(default_name));
    let envctl = tool(reader, &mut root);
    let frameworks = frameworks::frameworks(reader, &mut root, vocabulary);
    let mut table = |reader: &mut Reader, name| reader.table(&mut root, name);
    let (python, cuda) = (table(reader, "python"), table(reader, "cuda"));
    let (system, target, gpu) = (table(reader, "system"), table(reader, "target"), table(reader, "gpu"));
    let (run, ssh, build) = (table(reader, "run"), table(reader, "ssh"), table(reader, "build"));
    let (network, mut publish) = (table(reader, "network"), table(reader, "publish"));
    let (matrix, projects) = (table(reader, "matrix"), table(reader, "projects"));
    // Both are read before a manifest exists: see `overlays` and `safe_directories`.
    access::matrix_table(reader, matrix);
    access::projects_table(reader, projects);
    let cuda = stack::cuda_table(reader, cuda);
    let manifest = Manifest {
        name,
        envctl,
        frameworks,
        python: stack::python_table(reader, python),
        cuda,
        system: stack::system_table(reader, system),
        target: stack::target_table(reader, target),
        gpu: gpu::gpu_table(reader, gpu),
        run: run::run_table(reader, run),
        ssh: access::ssh_table(reader, ssh),
        build: access::build_table(reader, build),
        network: access::network_table(reader, network),
        publish: reader.text(&mut publish, "image"),
        path,
        text,
        sources: sources.clone(),
        settings: Vec::new(),
    };
    reader.finish(publish);
    unknown_at_top(reader, root, vocabulary);
    let crate::manifest::Python { packages, requirements, .. } = &manifest.python;
    let lists_packages = !(packages.is_empty() && requirements.is_empty());
    let asks = lists_packages || !manifest.frameworks.is_empty() || manifest.cuda.version.is_some();
    if !asks && reader.found.is_empty() {
        let end = manifest.text.trim_end().len();
        reader.problem(ProblemKind::NothingAsked, &(end..end));
    }
    manifest
}

fn unknown_at_top(reader: &mut Reader, root: TableReader, vocabulary: &Vocabulary) {
    for (key, entry) in root.into_entries() {
        if matches!(entry.node.value, Value::Table(_)) {
            let other = schema::OTHER_TABLES.iter().find(|(name, _)| *name == key).map(|(_, table)| *table);
            let near = other.or_else(|| schema::nearest(&key, schema::TABLES));
            reader.problem(ProblemKind::UnknownTable { table: key, near }, &entry.key_span);
        } else if let Some(id) = vocabulary.framework(&key).or_else(|| vocabulary.framework_called(&key)) {
            reader.problem(ProblemKind::FrameworkAtTop { id: id.to_string() }, &entry.key_span);
        } else {
            let answer = schema::answer("", &key);
            reader.problem(ProblemKind::UnknownKey { key, table: "", answer }, &entry.key_span);
        }
    }
}

fn tool(reader: &mut Reader, root: &mut TableReader) -> Option<Located<semver::VersionReq>> {
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
        reader.problem(ProblemKind::OtherTool { wanted: asked.value.clone(), have }, &span);
    }
    Some(asked.map(|_| wanted))
}
