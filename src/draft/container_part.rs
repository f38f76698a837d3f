//! Takes what files about containers say: `cog.yaml`, `devcontainer.json`, a Dockerfile, a `docker run` line.

use super::frameworks::FrameworkLines;
use super::project_files::ProjectFiles;
use super::reference::{copy, refer, unreadable};
use super::{Draft, DraftPlace, How, LeftReason, base_image};
use crate::foreign::{
    CogFile, Devcontainer, DockerRun, Dockerfile, KeySetting, Lined, ShellInstalls, WhyNotRead, read_cog,
    read_devcontainer, read_dockerfile,
};
use crate::matrix::Matrix;

/// The source of a `docker run` line.
pub(super) const DOCKER_RUN: &str = "--from-docker";

/// Takes the options of a `docker run` line, and returns its image.
pub(super) fn docker_run(draft: &mut Draft, run: DockerRun) -> Option<String> {
    let place = DraftPlace::whole(DOCKER_RUN);
    let DockerRun { name, image, settings, not_read } = run;
    if let Some(name) = name.and_then(|name| name.parse().ok()) {
        draft.name = name;
    }
    for setting in settings {
        draft.offer(setting, &place, How::Asked);
    }
    for left in not_read {
        draft.leave(&left.text, &place, LeftReason::NotRead(left.why));
    }
    image
}

/// Takes `cog.yaml`. Whether it has requirements.
pub(super) fn cog(draft: &mut Draft, files: &mut ProjectFiles<'_>, lines: &mut FrameworkLines<'_>) -> bool {
    const NAME: &str = "cog.yaml";
    let Some(text) = files.read(draft, NAME) else { return false };
    let CogFile { gpu, cuda, cudnn, python, packages, requirements, system, run, not_read } = match read_cog(&text) {
        Ok(file) => file,
        Err(bad) => {
            unreadable(draft, NAME, &bad);
            return false;
        }
    };
    draft.leave_unread(NAME, not_read);
    let place = |line| DraftPlace::line(NAME, line);
    let any = !packages.is_empty() || requirements.is_some();
    if let Some(gpu) = gpu.filter(|gpu| !gpu.value) {
        draft.offer(KeySetting::whole("gpu", "devices", "none"), &place(gpu.line), How::Mapped);
    }
    for (table, key, value) in [("cuda", "version", cuda), ("cuda", "cudnn", cudnn), ("python", "version", python)] {
        if let Some(value) = value {
            draft.offer(KeySetting::whole(table, key, value.value.as_str()), &place(value.line), How::Mapped);
        }
    }
    for package in system {
        draft.offer(KeySetting::item("system", "packages", package.value.as_str()), &place(package.line), How::Mapped);
    }
    if let Some(file) = requirements {
        refer(draft, &file.value, &[]);
    }
    copy(draft, lines, &packages, NAME, How::Mapped);
    lines.settle(draft, How::Mapped);
    for step in run {
        draft.leave(&step.value, &place(step.line), LeftReason::NotRead(WhyNotRead::BuildStep));
    }
    any
}

/// Takes `devcontainer.json`, and the Dockerfile that it names.
pub(super) fn devcontainer(draft: &mut Draft, files: &mut ProjectFiles<'_>, matrix: &Matrix) -> Option<String> {
    let found = [".devcontainer/devcontainer.json", ".devcontainer.json"];
    let (name, text) = found.into_iter().find_map(|name| Some((name, files.read(draft, name)?)))?;
    let Devcontainer { image, dockerfile, settings, not_read } = match read_devcontainer(&text) {
        Ok(file) => file,
        Err(bad) => {
            unreadable(draft, name, &bad);
            return None;
        }
    };
    draft.leave_unread(name, not_read);
    for setting in settings {
        draft.offer(setting, &DraftPlace::whole(name), How::Mapped);
    }
    if let Some(image) = image {
        base_image::take(draft, matrix, &image, &DraftPlace::whole(name));
    }
    dockerfile.map(|file| match name.rsplit_once('/') {
        Some((directory, _)) => format!("{directory}/{file}"),
        None => file,
    })
}

/// Takes a Dockerfile. Its packages count only where no other file has any. Whether it has requirements.
pub(super) fn dockerfile(
    draft: &mut Draft,
    files: &mut ProjectFiles<'_>,
    lines: &mut FrameworkLines<'_>,
    (matrix, name): (&Matrix, &str),
    has_requirements: bool,
) -> bool {
    let Some(text) = files.read(draft, name) else { return false };
    let Dockerfile { from, installs, settings, not_read } = match read_dockerfile(&text) {
        Ok(file) => file,
        Err(bad) => {
            unreadable(draft, name, &bad);
            return false;
        }
    };
    let ShellInstalls { packages, files: named, system, installs_project: _, not_read: unread } = installs;
    draft.leave_unread(name, not_read);
    draft.leave_unread(name, unread);
    let mut any = false;
    if has_requirements {
        let is_framework = |line: &&Lined<String>| {
            let found = crate::foreign::requirement_name(&line.value);
            lines.framework_of(&found).is_some()
        };
        for line in packages.iter().filter(|line| !is_framework(line)) {
            let place = DraftPlace::line(name, line.line);
            draft.offer(KeySetting::item("python", "packages", line.value.as_str()), &place, How::Guessed);
        }
    } else {
        for file in named {
            any = true;
            refer(draft, &file.value, &[]);
        }
        any |= !packages.is_empty();
        copy(draft, lines, &packages, name, How::Mapped);
        lines.settle(draft, How::Mapped);
    }
    for package in system {
        let place = DraftPlace::line(name, package.line);
        draft.offer(KeySetting::item("system", "packages", package.value.as_str()), &place, How::Mapped);
    }
    for Lined { value, line } in settings {
        draft.offer(value, &DraftPlace::line(name, line), How::Mapped);
    }
    if let Some(from) = from {
        base_image::take(draft, matrix, &from.value, &DraftPlace::line(name, from.line));
    }
    any
}
