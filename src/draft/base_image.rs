//! Reads the name of a base image: its distribution, its CUDA, a framework's release, a Python.
//!
//! The name alone decides, because a draft asks no registry. A name that does not follow a known scheme gives nothing,
//! because a guess would pin a wrong base.

use super::minor_version::cut_to_minor;
use super::{Draft, DraftFramework, DraftPlace, How, LeftReason};
use crate::foreign::KeySetting;
use crate::matrix::Matrix;
use crate::version::{CudaVersion, VersionRequest};

/// Takes what an image's name says. Everything is a guess, because the image itself is not used.
pub(super) fn take_base_image(draft: &mut Draft, matrix: &Matrix, image: &str, place: &DraftPlace) {
    let name = ImageName::new(image);
    let is_taken = [
        name.take_distribution(draft, matrix, place),
        name.last == "cuda" && name.take_cuda(draft, place),
        name.last == "python" && name.take_python(draft, place),
        name.take_framework(draft, matrix, place),
        name.take_distribution_of_tag(draft, matrix, place),
    ];
    if !is_taken.contains(&true) {
        draft.leave(image, place, LeftReason::Unknown);
    }
}

/// The parts of `docker.example/pytorch/pytorch:2.4.0-cuda12.1-cudnn9-runtime`. Each step returns whether it takes one.
struct ImageName<'a> {
    /// The name without its tag.
    whole: &'a str,
    /// The last part of the name, `pytorch`.
    last: &'a str,
    /// The first word of the tag, `2.4.0`.
    version: &'a str,
    /// The words of the tag.
    words: Vec<&'a str>,
}

impl<'a> ImageName<'a> {
    fn new(image: &'a str) -> Self {
        let (whole, tag) = image.split('@').next().unwrap_or_default().rsplit_once(':').unwrap_or((image, ""));
        let last = whole.rsplit('/').next().unwrap_or(whole);
        let words: Vec<&str> = tag.split('-').collect();
        Self { whole, last, version: words.first().copied().unwrap_or_default(), words }
    }

    fn is_devel(&self) -> bool {
        self.words.contains(&"devel")
    }

    fn take_distribution(&self, draft: &mut Draft, matrix: &Matrix, place: &DraftPlace) -> bool {
        offer_base(draft, matrix, &format!("{}:{}", self.last, self.version), place)
    }

    /// Takes a distribution in the tag: `ubuntu22.04`.
    fn take_distribution_of_tag(&self, draft: &mut Draft, matrix: &Matrix, place: &DraftPlace) -> bool {
        let mut is_taken = false;
        for word in &self.words {
            let digits = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
            is_taken |= offer_base(draft, matrix, &format!("{}:{}", &word[..digits], &word[digits..]), place);
        }
        is_taken
    }

    /// Takes an image with CUDA alone. A framework brings the CUDA that it is built for, so the image's counts only
    /// without one.
    fn take_cuda(&self, draft: &mut Draft, place: &DraftPlace) -> bool {
        let version = cut_to_minor(self.version);
        if version.parse::<CudaVersion>().is_err() {
            return false;
        }
        if draft.frameworks.is_empty() {
            draft.offer(KeySetting::whole("cuda", "version", version), place, How::Guessed);
            if self.is_devel() {
                draft.offer(KeySetting::whole("cuda", "toolkit", "devel"), place, How::Guessed);
            }
            return true;
        }
        let toolkit = if self.is_devel() { format!(", {TOOLKIT}") } else { String::new() };
        let add = format!("[cuda] version = \"{version}\"{toolkit}");
        draft.leave(&format!("CUDA {version}"), place, LeftReason::Optional { add });
        true
    }

    fn take_python(&self, draft: &mut Draft, place: &DraftPlace) -> bool {
        let minor = cut_to_minor(self.version);
        let is_version = minor.contains('.') && minor.split('.').all(|part| part.parse::<u32>().is_ok());
        if is_version {
            draft.offer(KeySetting::whole("python", "version", minor), place, How::Guessed);
        }
        is_version
    }

    /// Takes the image of a framework: its release, and the CUDA of the build.
    fn take_framework(&self, draft: &mut Draft, matrix: &Matrix, place: &DraftPlace) -> bool {
        // NVIDIA's own images have the month as their version: `23.10-py3` is not a release.
        if self.whole.starts_with("nvcr.io/") {
            return false;
        }
        let id = matrix.framework_called(self.last);
        let Some((id, version)) = id.zip(self.version.parse::<VersionRequest>().ok()) else { return false };
        if draft.frameworks.get(id).is_none_or(|known| known.version.is_any()) {
            let found = DraftFramework { version, with: [].into(), place: place.clone(), how: How::Guessed };
            draft.add_framework(id, found);
        }
        // Another release of the framework has builds of its own.
        let is_release = draft.frameworks.get(id).is_some_and(|found| found.version.text() == self.version);
        if let Some(cuda) = self.cuda_of_build().filter(|_| is_release) {
            draft.offer(KeySetting::whole("cuda", "version", cut_to_minor(cuda)), place, How::Guessed);
        }
        if self.is_devel() {
            draft.leave("devel", place, LeftReason::Optional { add: TOOLKIT.to_owned() });
        }
        true
    }

    /// The CUDA in the tag of a framework's image: `cuda12.1`.
    fn cuda_of_build(&self) -> Option<&'a str> {
        let mut versions = self.words.iter().skip(1).filter_map(|word| word.strip_prefix("cuda"));
        versions.find(|version| !version.is_empty())
    }
}

const TOOLKIT: &str = "toolkit = \"devel\"";

/// Offers a distribution as the base. Returns whether it is one.
fn offer_base(draft: &mut Draft, matrix: &Matrix, distribution: &str, place: &DraftPlace) -> bool {
    let is_known = matrix.distribution(distribution).is_some();
    if is_known {
        draft.offer(KeySetting::whole("system", "base", distribution), place, How::Guessed);
    }
    is_known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Vocabulary;

    fn drafted(image: &str) -> String {
        let mut draft = Draft::new("lab".parse().unwrap(), Vocabulary::default(), crate::draft::DraftHost::default());
        let place = DraftPlace::line("Dockerfile", 1);
        if let Some((version, _)) = image.split_once(" beside ") {
            let found = DraftFramework {
                version: version.parse().unwrap(),
                with: [].into(),
                place: place.clone(),
                how: How::Mapped,
            };
            draft.add_framework(&"pytorch".parse().unwrap(), found);
        }
        let image = image.split_once(" beside ").map_or(image, |(_, image)| image);
        take_base_image(&mut draft, &Matrix::embedded(), image, &place);
        let lines = draft.text();
        let lines =
            lines.lines().skip(4).filter_map(|line| line.split("  # ").next()).filter(|line| line.contains('='));
        let left = draft.left.iter().map(|left| format!("left {}", left.text));
        lines.map(str::to_owned).chain(left).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn images_of_research() {
        for (image, expected) in [
            (
                "nvidia/cuda:12.1.1-cudnn8-devel-ubuntu22.04",
                "version = \"12.1\"; toolkit = \"devel\"; base = \"ubuntu:22.04\"",
            ),
            ("nvidia/cuda:11.8.0-base-ubuntu20.04", "version = \"11.8\"; base = \"ubuntu:20.04\""),
            ("pytorch/pytorch:2.4.0-cuda12.1-cudnn9-runtime", "pytorch = \"2.4.0\"; version = \"12.1\""),
            ("tensorflow/tensorflow:2.15.0-gpu", "tensorflow = \"2.15.0\""),
            (">=2 beside pytorch/pytorch:2.4.0-cuda12.1-cudnn9-devel", "pytorch = \">=2\"; left devel"),
            (">=2 beside nvidia/cuda:12.1.1-devel", "pytorch = \">=2\"; left CUDA 12.1"),
            ("ubuntu:22.04", "base = \"ubuntu:22.04\""),
            ("python:3.10-slim", "version = \"3.10\""),
            ("nvcr.io/nvidia/pytorch:23.10-py3", "left nvcr.io/nvidia/pytorch:23.10-py3"),
            ("registry.example/team/base:1", "left registry.example/team/base:1"),
        ] {
            assert_eq!(drafted(image), expected, "{image}");
        }
    }
}
