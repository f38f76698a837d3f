//! Drafts a manifest from a directory: which files it reads and in which order. An earlier file wins.
//!
//! The order is fixed, because two files of one project often state the same thing, and the more exact kind of file
//! must win on every machine.

use toml_edit::Value;

use super::base_image::take_base_image;
use super::commit_day::read_last_commit;
use super::container_part::DOCKER_RUN;
use super::drafter::Drafter;
use super::minor_version::cut_to_minor;
use super::nested_files::NestedFiles;
use super::project_tree::ProjectTree;
use super::wishes::DraftWishes;
use super::{Draft, DraftFramework, DraftHost, DraftPlace, How, LeftReason};
use crate::files::RootedDirectory;
use crate::foreign::KeySetting;
use crate::matrix::{Matrix, update::day_of};

/// The age at which a pinned framework and today's packages are no longer taken together, seconds: half a year.
const OLD: u64 = 182 * 86_400;

/// Drafts the manifest of a directory. `now` is the time in seconds since 1970.
#[must_use]
pub fn draft_manifest(
    directory: &RootedDirectory,
    wishes: &DraftWishes,
    matrix: &Matrix,
    host: &DraftHost,
    now: u64,
) -> Draft {
    draft_files(directory, read_last_commit(directory), wishes, matrix, (host, now))
}

/// As [`draft_manifest`], of any files. `commit` is the time of their last commit. The host comes with the time.
#[must_use]
pub fn draft_files(
    tree: &dyn ProjectTree,
    commit: Option<u64>,
    wishes: &DraftWishes,
    matrix: &Matrix,
    (host, now): (&DraftHost, u64),
) -> Draft {
    let mut drafter = Drafter::new(tree, matrix, host.clone());
    drafter.take_wishes(wishes);
    let image = wishes.docker_run.clone().and_then(|run| drafter.take_docker_run(run));
    if let Some(name) = &wishes.name {
        drafter.draft.name = name.clone();
    }
    let requirements: Vec<String> = wishes.requirements.iter().map(ToString::to_string).collect();
    drafter.take_pip_files(&requirements);
    drafter.take_conda_file();
    drafter.take_cog();
    let of_devcontainer = drafter.take_devcontainer();
    drafter.take_first_dockerfile(of_devcontainer);
    drafter.take_python_version();
    if let Some(image) = image {
        drafter.take_docker_run_image(&image);
    }
    drafter.take_nested_files_or_imports();
    drafter.offer_last_commit_day(commit, now);
    drafter.withdraw_old_base(&day_of(now));
    drafter.draft
}

impl Drafter<'_> {
    /// Takes the Dockerfile at the top or in `docker/`, else that of `devcontainer.json`.
    fn take_first_dockerfile(&mut self, of_devcontainer: Option<String>) {
        let paths = [Some("Dockerfile".to_owned()), Some("docker/Dockerfile".to_owned()), of_devcontainer];
        if let Some(name) = paths.into_iter().flatten().find(|name| self.files.exists(name)) {
            self.take_dockerfile(&name);
        }
    }

    /// Takes the version files of pyenv and uv, and of Heroku and repo2docker.
    fn take_python_version(&mut self) {
        for name in [".python-version", "runtime.txt"] {
            if !self.files.has(name) {
                continue;
            }
            let Some(text) = self.read(name) else { continue };
            let first = text.lines().next().unwrap_or_default().trim();
            let minor = cut_to_minor(first.trim_start_matches("python-").trim_start_matches("cpython-"));
            if minor.contains('.') {
                let setting = KeySetting::whole("python", "version", minor);
                self.draft.offer(setting, &DraftPlace::line(name, 1), How::Mapped);
            }
        }
    }

    /// Where no file at the top names requirements: takes those one level below, or guesses from imports. A framework
    /// that no file names is guessed from imports, too.
    fn take_nested_files_or_imports(&mut self) {
        let nested =
            if self.has_requirements { NestedFiles::None } else { NestedFiles::find(&mut self.draft, &self.files) };
        match &nested {
            NestedFiles::Of(names) => self.take_pip_files(names),
            NestedFiles::None if !self.has_requirements => self.take_imports(),
            NestedFiles::InSeveral | NestedFiles::None => {}
        }
        let is_open = self.draft.frameworks.is_empty() && !self.draft.has("cuda", "version");
        if is_open && !matches!(nested, NestedFiles::InSeveral) {
            self.take_imported_frameworks();
        }
    }

    /// Takes the image of a `docker run` line.
    fn take_docker_run_image(&mut self, image: &str) {
        let place = DraftPlace::whole(DOCKER_RUN);
        take_base_image(&mut self.draft, self.matrix, image, &place);
    }

    /// Limits packages to the day of the last commit if a framework is held back: today's packages rarely work with an
    /// old release, those of that day did.
    fn offer_last_commit_day(&mut self, commit: Option<u64>, now: u64) {
        let Some(commit) = commit else { return };
        if self.draft.has("python", "exclude-newer") || self.draft.frameworks.is_empty() {
            return;
        }
        if now.saturating_sub(commit) <= OLD {
            return;
        }
        let (day, place) = (day_of(commit.min(now)), DraftPlace::whole("the last commit"));
        if self.draft.frameworks.values().any(is_held_back) {
            self.draft.offer(KeySetting::whole("python", "exclude-newer", day), &place, How::Guessed);
        } else {
            let add = format!("exclude-newer = {}", Value::from(day.as_str()));
            self.draft.leave(&day, &place, LeftReason::Optional { add });
        }
    }

    /// Takes back a guessed base that gets no more updates.
    fn withdraw_old_base(&mut self, today: &str) {
        let base = self.draft.items.iter().find(|item| item.setting.table == "system" && item.setting.key == "base");
        let row = base.and_then(|base| self.matrix.distribution(base.setting.value_text().trim_matches('"')));
        if let Some(end) = row.and_then(|row| row.end_of_life.as_deref()).filter(|end| *end < today) {
            self.draft.withdraw("system", "base", &LeftReason::EndOfLife(end.to_owned()));
        }
    }
}

/// Whether a file limits the framework to releases up to one.
fn is_held_back(found: &DraftFramework) -> bool {
    let version = found.version.text();
    found.how == How::Mapped && (version.starts_with(|c: char| c.is_ascii_digit()) || version.contains('<'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The time of the drafts, in 2026.
    const NOW: u64 = 1_790_000_000;

    fn drafted(files: &[(&str, &str)], wishes: &DraftWishes) -> Draft {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let host = DraftHost { project: dir.path().to_owned(), ..DraftHost::default() };
        draft_manifest(&RootedDirectory::open(dir.path()).unwrap(), wishes, &Matrix::embedded(), &host, NOW)
    }

    /// The values with their places, one in each line.
    fn lines(draft: &Draft) -> Vec<String> {
        let frameworks = draft.frameworks.iter().map(|(id, found)| format!("{id} {} ({})", found.version, found.place));
        let items = draft.items.iter().map(|item| format!("{} ({})", item.setting, item.place));
        frameworks.chain(items).collect()
    }

    #[test]
    fn the_caller_precedes_files_and_files_precede_images() {
        let files = [
            ("requirements.txt", "torch==2.1.0\n"),
            (".python-version", "3.10.4\n"),
            ("Dockerfile", "FROM pytorch/pytorch:2.4.0-cuda12.1-cudnn9-devel\nRUN pip install rich torch\n"),
        ];
        let expected = [
            "pytorch 2.1.0 (requirements.txt:1)",
            "[python] requirements: \"requirements.txt\" (requirements.txt)",
            "[python] packages: \"rich\" (Dockerfile:2)",
            "[python] version = \"3.10\" (.python-version:1)",
        ];
        assert_eq!(lines(&drafted(&files, &DraftWishes::default())), expected);
        let wishes = DraftWishes {
            name: Some("mine".parse().unwrap()),
            frameworks: vec![("pytorch".parse().unwrap(), Some("2.6".parse().unwrap()))],
            python: Some("3.12".parse().unwrap()),
            ..DraftWishes::default()
        };
        let draft = drafted(&files, &wishes);
        assert_eq!(draft.name.as_str(), "mine");
        let kept = lines(&draft);
        assert!(kept.contains(&"pytorch 2.6 (command line)".to_owned()), "{kept:?}");
        assert!(kept.contains(&"[python] version = \"3.12\" (command line)".to_owned()), "{kept:?}");
        let place = DraftPlace::whole("command line");
        assert!(
            draft
                .left
                .iter()
                .any(|left| left.why == LeftReason::Decided { value: "2.6".to_owned(), by: place.clone() })
        );
    }

    #[test]
    fn one_description_of_an_environment_is_enough() {
        let conda = ("environment.yml", "dependencies:\n  - python=3.9\n  - pip:\n    - einops\n");
        let draft = drafted(
            &[("requirements.txt", "torch\n"), ("Pipfile", "[packages]\nrich = \"*\"\n"), conda],
            &DraftWishes::default(),
        );
        assert_eq!(
            lines(&draft),
            [
                "pytorch * (requirements.txt:1)",
                "[python] requirements: \"requirements.txt\" (requirements.txt)",
                "[python] version = \"3.9\" (environment.yml:2)",
            ]
        );
        let instead = LeftReason::Instead { file: "requirements.txt".to_owned() };
        let left: Vec<_> =
            draft.left.iter().filter(|left| left.why == instead).map(|left| left.text.as_str()).collect();
        assert_eq!(left, ["Pipfile", "environment.yml"]);
    }

    #[test]
    fn an_image_without_updates_is_withdrawn() {
        let draft = drafted(&[("Dockerfile", "FROM ubuntu:16.04\nRUN pip install torch\n")], &DraftWishes::default());
        assert_eq!(lines(&draft), ["pytorch * (Dockerfile:2)"]);
        assert!(draft.left.iter().any(|left| matches!(left.why, LeftReason::EndOfLife(_))), "{:?}", draft.left);
    }
}
