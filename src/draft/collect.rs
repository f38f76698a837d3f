//! Drafts a manifest from a directory: which files are looked at, in which order, and who precedes whom.

use toml_edit::Value;

use super::frameworks::FrameworkLines;
use super::project_files::{ProjectFiles, has_extension};
use super::{
    Draft, DraftFramework, DraftPlace, How, LeftReason, base_image, commit_day, conda_part, container_part,
    imports_part, pip_part,
};
use crate::files::RootedDirectory;
use crate::foreign::{DockerRun, KeySetting};
use crate::manifest::{Date, EnvironmentName, FrameworkId, ProjectPath, PythonRequest};
use crate::matrix::{Matrix, update::day_of};
use crate::version::VersionRequest;

/// What the caller says about the manifest.
#[derive(Clone, Debug, Default)]
pub struct DraftWishes {
    pub name: Option<EnvironmentName>,
    /// Frameworks with the releases, if some are named.
    pub frameworks: Vec<(FrameworkId, Option<VersionRequest>)>,
    pub python: Option<PythonRequest>,
    /// Whether no GPU is wanted.
    pub cpu: bool,
    pub docker_run: Option<DockerRun>,
    /// The only files of requirements to take.
    pub requirements: Vec<ProjectPath>,
    /// The last day of publication for packages.
    pub exclude_newer: Option<Date>,
}

/// The source of a value that the caller names.
const COMMAND_LINE: &str = "command line";

/// The age at which a pinned framework and today's packages are no longer taken together, seconds: half a year.
const OLD: u64 = 182 * 86_400;

/// Drafts the manifest of a directory. `now` is the time in seconds since 1970.
#[must_use]
pub fn draft(directory: &RootedDirectory, wishes: &DraftWishes, matrix: &Matrix, now: u64) -> Draft {
    let default = directory.path().file_name().unwrap_or_default().to_string_lossy();
    let name = wishes.name.clone().unwrap_or_else(|| EnvironmentName::from_directory(&default));
    let mut draft = Draft::new(name.clone(), matrix.vocabulary());
    take_wishes(&mut draft, wishes);
    let image = wishes.docker_run.clone().and_then(|run| container_part::docker_run(&mut draft, run));
    if wishes.name.is_some() {
        draft.name = name;
    }
    let requirements: Vec<String> = wishes.requirements.iter().map(ToString::to_string).collect();
    let mut files = ProjectFiles::new(directory);
    let mut lines = FrameworkLines::new(matrix);
    let mut any = pip_part::take(&mut draft, &mut files, &mut lines, &requirements);
    any |= conda(&mut draft, &mut files, &mut lines, any);
    any |= container_part::cog(&mut draft, &mut files, &mut lines);
    let named = container_part::devcontainer(&mut draft, &mut files, matrix);
    let dockerfiles = [Some("Dockerfile".to_owned()), Some("docker/Dockerfile".to_owned()), named];
    let found = dockerfiles.into_iter().flatten().find(|name| files.exists(name));
    if let Some(name) = found {
        any |= container_part::dockerfile(&mut draft, &mut files, &mut lines, (matrix, &name), any);
    }
    python_version(&mut draft, &mut files);
    if let Some(image) = image {
        base_image::take(&mut draft, matrix, &image, &DraftPlace::whole(container_part::DOCKER_RUN));
    }
    let part = if any { Part::None } else { part(&mut draft, &files) };
    match &part {
        Part::Of(named) => _ = pip_part::take(&mut draft, &mut files, &mut lines, named),
        Part::None if !any => imports_part::take(&mut draft, &mut files, &mut lines),
        Part::Several | Part::None => {}
    }
    let is_open = draft.frameworks.is_empty() && !draft.has("cuda", "version");
    if is_open && !matches!(part, Part::Several) {
        imports_part::take_frameworks(&mut draft, &mut files, &mut lines);
    }
    day(&mut draft, directory, now);
    old_base(&mut draft, matrix, &day_of(now));
    draft
}

/// Takes what is a value of the manifest. The name, the files and the `docker run` line have steps of their own.
fn take_wishes(draft: &mut Draft, wishes: &DraftWishes) {
    let DraftWishes { name: _, frameworks, python, cpu, docker_run: _, requirements: _, exclude_newer } = wishes;
    let place = DraftPlace::whole(COMMAND_LINE);
    for (id, version) in frameworks {
        let version = version.clone().unwrap_or_else(VersionRequest::any);
        let found = DraftFramework { version, with: [].into(), place: place.clone(), how: How::Asked };
        draft.framework(id, found);
    }
    if let Some(python) = python {
        draft.offer(KeySetting::whole("python", "version", python.text()), &place, How::Asked);
    }
    if let Some(day) = exclude_newer {
        draft.offer(KeySetting::whole("python", "exclude-newer", day.as_str()), &place, How::Asked);
    }
    if *cpu {
        draft.offer(KeySetting::whole("gpu", "devices", "none"), &place, How::Asked);
    }
}

fn conda(draft: &mut Draft, files: &mut ProjectFiles<'_>, lines: &mut FrameworkLines<'_>, has: bool) -> bool {
    let Some(name) = conda_part::NAMES.into_iter().find(|name| files.has(name)) else { return false };
    if !has {
        return conda_part::environment(draft, files, lines, name);
    }
    let first = draft.items.iter().find(|item| item.setting.key == "requirements");
    let instead = first.map_or("setup.py", |item| item.place.file.as_str()).to_owned();
    if instead != name {
        conda_part::look(draft, files, name, &instead);
    }
    false
}

/// The version files of pyenv and uv, and of Heroku and repo2docker.
fn python_version(draft: &mut Draft, files: &mut ProjectFiles<'_>) {
    for name in [".python-version", "runtime.txt"] {
        if !files.has(name) {
            continue;
        }
        let Some(text) = files.read(draft, name) else { continue };
        let first = text.lines().next().unwrap_or_default().trim();
        let version = first.trim_start_matches("python-").trim_start_matches("cpython-");
        let minor = version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        if minor.contains('.') {
            draft.offer(KeySetting::whole("python", "version", minor), &DraftPlace::line(name, 1), How::Mapped);
        }
    }
}

/// The files of requirements one level below, where the top has none.
enum Part {
    /// The only directory with such files, or the one with the project's name.
    Of(Vec<String>),
    /// Several directories: the caller has to choose.
    Several,
    None,
}

fn part(draft: &mut Draft, files: &ProjectFiles<'_>) -> Part {
    let directories = files.names.iter().filter(|(name, is)| *is && !name.starts_with('.')).take(100);
    let found = directories.map(|(directory, _)| (directory.clone(), lists(files, directory)));
    let mut found: Vec<(String, Vec<String>)> = found.filter(|(_, lists)| !lists.is_empty()).collect();
    let own = EnvironmentName::from_directory(files.name());
    let at = found.iter().position(|(directory, _)| EnvironmentName::from_directory(directory) == own);
    let at = at.or((found.len() == 1).then_some(0));
    let chosen = at.map(|at| found.remove(at).1);
    for path in found.iter().flat_map(|(_, lists)| lists) {
        draft.leave(path, &DraftPlace::whole(path), LeftReason::Part);
    }
    match chosen {
        Some(lists) => Part::Of(lists),
        None if found.is_empty() => Part::None,
        None => Part::Several,
    }
}

/// The files of requirements in a directory. One of conda counts where there is no other.
fn lists(files: &ProjectFiles<'_>, directory: &str) -> Vec<String> {
    let names = files.listed(directory);
    let is_list = |name: &&String| {
        has_extension(name, &["txt"]) && name.contains("requirement") || name.as_str() == "pyproject.toml"
    };
    let mut lists: Vec<&String> = names.iter().filter(is_list).collect();
    if lists.is_empty() {
        lists.extend(names.iter().find(|name| conda_part::NAMES.contains(&name.as_str())));
    }
    lists.into_iter().map(|name| format!("{directory}/{name}")).collect()
}

/// A base that an image's name suggests is taken only while it gets updates.
fn old_base(draft: &mut Draft, matrix: &Matrix, today: &str) {
    let base = draft.items.iter().find(|item| item.setting.table == "system" && item.setting.key == "base");
    let row = base.and_then(|base| matrix.distribution(base.setting.value_text().trim_matches('"')));
    if let Some(end) = row.and_then(|row| row.end_of_life.as_deref()).filter(|end| *end < today) {
        draft.withdraw("system", "base", &LeftReason::EndOfLife(end.to_owned()));
    }
}

/// A framework that is held back and today's packages rarely work together: at the time of the last commit they did.
fn day(draft: &mut Draft, directory: &RootedDirectory, now: u64) {
    let Some(commit) = commit_day::last_commit(directory) else { return };
    if draft.has("python", "exclude-newer") || draft.frameworks.is_empty() {
        return;
    }
    let (day, place) = (day_of(commit.min(now)), DraftPlace::whole("the last commit"));
    let is_held = |found: &DraftFramework| {
        let version = found.version.text();
        let is_old = version.starts_with(|c: char| c.is_ascii_digit()) || version.contains('<');
        found.how == How::Mapped && is_old
    };
    if now.saturating_sub(commit) > OLD && draft.frameworks.values().any(is_held) {
        draft.offer(KeySetting::whole("python", "exclude-newer", day), &place, How::Guessed);
    } else if now.saturating_sub(commit) > OLD {
        let add = format!("exclude-newer = {}", Value::from(day.as_str()));
        draft.leave(&day, &place, LeftReason::Optional { add });
    }
}
