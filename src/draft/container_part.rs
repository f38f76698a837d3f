//! Takes what files about containers say: `cog.yaml`, `devcontainer.json`, a Dockerfile, a `docker run` line.
//!
//! Their commands are not translated: a shell line can do anything, and half of it would build another image. Only
//! what can be read as data is taken.

use super::base_image::take_base_image;
use super::drafter::Drafter;
use super::{DraftItem, DraftPlace, How, LeftReason};
use crate::foreign::{
    CogFile, Devcontainer, DockerRun, Dockerfile, KeySetting, Lined, ShellInstalls, WhyNotRead, read_cog,
    read_devcontainer, read_dockerfile, requirement_name,
};

/// The source of a `docker run` line.
pub(super) const DOCKER_RUN: &str = "--from-docker";

impl Drafter<'_> {
    /// Takes the options of a `docker run` line, and returns its image.
    pub(super) fn take_docker_run(&mut self, run: DockerRun) -> Option<String> {
        let place = DraftPlace::whole(DOCKER_RUN);
        let DockerRun { name, image, settings, not_read } = run;
        if let Some(name) = name.and_then(|name| name.parse().ok()) {
            self.draft.name = name;
        }
        for setting in settings {
            self.draft.offer(setting, &place, How::Asked);
        }
        for left in not_read {
            self.draft.leave(&left.text, &place, LeftReason::NotRead(left.why));
        }
        image
    }

    /// Takes `cog.yaml`.
    pub(super) fn take_cog(&mut self) {
        const NAME: &str = "cog.yaml";
        let Some(file) = self.parse(NAME, read_cog) else { return };
        let CogFile { gpu, cuda, cudnn, python, packages, requirements, system, run, not_read } = file;
        self.draft.leave_unread(NAME, not_read);
        let place = |line| DraftPlace::line(NAME, line);
        if let Some(gpu) = gpu.filter(|gpu| !gpu.value) {
            self.draft.offer(KeySetting::whole("gpu", "devices", "none"), &place(gpu.line), How::Mapped);
        }
        for (table, key, value) in [("cuda", "version", cuda), ("cuda", "cudnn", cudnn), ("python", "version", python)]
        {
            if let Some(value) = value {
                let setting = KeySetting::whole(table, key, value.value.as_str());
                self.draft.offer(setting, &place(value.line), How::Mapped);
            }
        }
        self.take_system_packages(&system, NAME);
        let has_file = requirements.is_some_and(|file| self.refer_to(&file.value, &[]));
        self.copy_requirements(&packages, NAME, How::Mapped);
        self.add_frameworks(How::Mapped);
        for step in run {
            self.draft.leave(&step.value, &place(step.line), LeftReason::NotRead(WhyNotRead::BuildStep));
        }
        self.has_requirements |= !packages.is_empty() || has_file;
    }

    /// Takes `devcontainer.json`, and returns the Dockerfile that it names.
    pub(super) fn take_devcontainer(&mut self) -> Option<String> {
        let names = [".devcontainer/devcontainer.json", ".devcontainer.json"];
        let (name, text) = names.into_iter().find_map(|name| Some((name, self.read(name)?)))?;
        let Devcontainer { image, dockerfile, settings, not_read } = self.parse_text(name, &text, read_devcontainer)?;
        self.draft.leave_unread(name, not_read);
        let place = DraftPlace::whole(name);
        let item = |setting| DraftItem { setting, place: place.clone(), how: How::Mapped };
        self.draft.offer_all(settings.into_iter().map(item).collect());
        if let Some(image) = image {
            take_base_image(&mut self.draft, self.matrix, &image, &DraftPlace::whole(name));
        }
        dockerfile.map(|file| match name.rsplit_once('/') {
            Some((directory, _)) => format!("{directory}/{file}"),
            None => file,
        })
    }

    /// Takes a Dockerfile. If another file has requirements, its packages are guesses beside them.
    pub(super) fn take_dockerfile(&mut self, name: &str) {
        let Some(Dockerfile { from, installs, settings, not_read }) = self.parse(name, read_dockerfile) else { return };
        let ShellInstalls { packages, files, system, installs_project: _, not_read: unread } = installs;
        self.draft.leave_unread(name, not_read);
        self.draft.leave_unread(name, unread);
        if self.has_requirements {
            self.add_packages_beside(&packages, name);
        } else {
            for file in &files {
                self.has_requirements |= self.refer_to(&file.value, &[]);
            }
            self.copy_requirements(&packages, name, How::Mapped);
            self.add_frameworks(How::Mapped);
            self.has_requirements |= !packages.is_empty();
        }
        self.take_system_packages(&system, name);
        let item = |Lined { value: setting, line }| DraftItem {
            setting,
            place: DraftPlace::line(name, line),
            how: How::Mapped,
        };
        self.draft.offer_all(settings.into_iter().map(item).collect());
        if let Some(from) = from {
            take_base_image(&mut self.draft, self.matrix, &from.value, &DraftPlace::line(name, from.line));
        }
    }

    /// Adds packages to those of other files. The frameworks among them are left to those files.
    fn add_packages_beside(&mut self, packages: &[Lined<String>], name: &str) {
        let is_other = |line: &&Lined<String>| self.lines.framework_of(&requirement_name(&line.value)).is_none();
        let others: Vec<_> = packages.iter().filter(is_other).collect();
        self.offer_items(("python", "packages"), others, name, How::Guessed);
    }

    fn take_system_packages(&mut self, packages: &[Lined<String>], name: &str) {
        self.offer_items(("system", "packages"), packages, name, How::Mapped);
    }
}
