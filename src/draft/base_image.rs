//! Reads the name of a base image: its distribution, its CUDA, a framework's release, a Python.

use super::{Draft, DraftFramework, DraftPlace, How, LeftReason};
use crate::foreign::KeySetting;
use crate::matrix::Matrix;
use crate::version::{CudaVersion, VersionRequest};

/// Takes what an image's name says. Everything is a guess, because the image itself is not used.
pub(super) fn take(draft: &mut Draft, matrix: &Matrix, image: &str, place: &DraftPlace) {
    let (name, tag) = image.split('@').next().unwrap_or_default().rsplit_once(':').unwrap_or((image, ""));
    let last = name.rsplit('/').next().unwrap_or(name);
    let words: Vec<&str> = tag.split('-').collect();
    let first = words.first().copied().unwrap_or_default();
    let mut taken = false;
    if matrix.distribution(&format!("{last}:{first}")).is_some() {
        taken = true;
        base(draft, &format!("{last}:{first}"), place);
    }
    if last == "cuda" {
        taken |= cuda_image(draft, first, &words, place);
    }
    if last == "python" {
        taken |= python(draft, first, place);
    }
    // The makers of NVIDIA's own images count by the month: `23.10-py3` is no release.
    let is_month = name.starts_with("nvcr.io/");
    let id = matrix.framework_called(last).filter(|_| !is_month).cloned();
    if let Some((id, version)) = id.zip(first.parse::<VersionRequest>().ok()) {
        taken = true;
        let found = DraftFramework { version, with: [].into(), place: place.clone(), how: How::Guessed };
        if draft.frameworks.get(&id).is_none_or(|known| known.version.is_any()) {
            draft.framework(&id, found);
        }
        let cuda = words[1..].iter().find_map(|word| word.strip_prefix("cuda")).filter(|version| !version.is_empty());
        // Another release of the framework has builds of its own.
        if let Some(version) =
            cuda.filter(|_| draft.frameworks.get(&id).is_some_and(|found| found.version.text() == first))
        {
            draft.offer(KeySetting::whole("cuda", "version", minor(version)), place, How::Guessed);
        }
        if words.contains(&"devel") {
            draft.leave("devel", place, LeftReason::Optional { add: TOOLKIT.to_owned() });
        }
    }
    for word in &words {
        let digits = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
        let distribution = format!("{}:{}", &word[..digits], &word[digits..]);
        if matrix.distribution(&distribution).is_some() {
            taken = true;
            base(draft, &distribution, place);
        }
    }
    if !taken {
        draft.leave(image, place, LeftReason::Unknown);
    }
}

fn base(draft: &mut Draft, distribution: &str, place: &DraftPlace) {
    draft.offer(KeySetting::whole("system", "base", distribution), place, How::Guessed);
}

/// An image with CUDA alone. A framework brings the CUDA that it is built for, so the image's counts only without one.
fn cuda_image(draft: &mut Draft, version: &str, words: &[&str], place: &DraftPlace) -> bool {
    let version = minor(version);
    if version.parse::<CudaVersion>().is_err() {
        return false;
    }
    let is_devel = words.contains(&"devel");
    if draft.frameworks.is_empty() {
        draft.offer(KeySetting::whole("cuda", "version", version), place, How::Guessed);
        if is_devel {
            draft.offer(KeySetting::whole("cuda", "toolkit", "devel"), place, How::Guessed);
        }
        return true;
    }
    let toolkit = if is_devel { format!(", {TOOLKIT}") } else { String::new() };
    let add = format!("[cuda] version = \"{version}\"{toolkit}");
    draft.leave(&format!("CUDA {version}"), place, LeftReason::Optional { add });
    true
}

const TOOLKIT: &str = "toolkit = \"devel\"";

/// The first two numbers: an update of a toolkit is no other CUDA.
fn minor(version: &str) -> String {
    version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
}

fn python(draft: &mut Draft, version: &str, place: &DraftPlace) -> bool {
    let minor = minor(version);
    let is_version = minor.contains('.') && minor.split('.').all(|part| part.parse::<u32>().is_ok());
    if is_version {
        draft.offer(KeySetting::whole("python", "version", minor), place, How::Guessed);
    }
    is_version
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Vocabulary;

    fn drafted(image: &str) -> String {
        let mut draft = Draft::new("lab".parse().unwrap(), Vocabulary::default());
        let place = DraftPlace::line("Dockerfile", 1);
        if let Some((version, _)) = image.split_once(" beside ") {
            let found = DraftFramework {
                version: version.parse().unwrap(),
                with: [].into(),
                place: place.clone(),
                how: How::Mapped,
            };
            draft.framework(&"pytorch".parse().unwrap(), found);
        }
        let image = image.split_once(" beside ").map_or(image, |(_, image)| image);
        take(&mut draft, &Matrix::embedded(), image, &place);
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
