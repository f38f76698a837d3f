//! Reads `cog.yaml`.

use super::{Lined, NotRead, UnreadFile, WhyNotRead, lined};
use crate::parser::{self, YamlNode};

/// What a `cog.yaml` says about an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CogFile {
    pub gpu: Option<Lined<bool>>,
    pub cuda: Option<Lined<String>>,
    pub cudnn: Option<Lined<String>>,
    pub python: Option<Lined<String>>,
    /// PEP 508 requirements.
    pub packages: Vec<Lined<String>>,
    pub requirements: Option<Lined<String>>,
    /// Packages of Debian.
    pub system: Vec<Lined<String>>,
    /// Shell lines of the build.
    pub run: Vec<Lined<String>>,
    pub not_read: Vec<NotRead>,
}

/// Reads the file's text.
pub fn read_cog(text: &str) -> Result<CogFile, UnreadFile> {
    let root = parser::yaml(text)?;
    let mut file = CogFile::default();
    for (key, node) in root.get("build").map(YamlNode::entries).unwrap_or_default() {
        let text = node.text().map(|text| lined(text, node.line));
        let texts = || node.items().iter().filter_map(|item| Some(lined(item.text()?.trim(), item.line))).collect();
        match key.as_str() {
            "gpu" => file.gpu = text.map(|text| Lined { value: text.value == "true", line: text.line }),
            "cuda" => file.cuda = text,
            "cudnn" => file.cudnn = text,
            "python_version" => file.python = text,
            "python_packages" => file.packages = texts(),
            "python_requirements" => file.requirements = text,
            "system_packages" => file.system = texts(),
            "run" | "pre_install" => file.run.extend(node.items().iter().filter_map(command)),
            _ => {
                file.not_read.push(NotRead { text: format!("build.{key}"), line: node.line, why: WhyNotRead::NoKey });
            }
        }
    }
    for (key, node) in root.entries().iter().filter(|(key, _)| key != "build") {
        file.not_read.push(NotRead { text: key.clone(), line: node.line, why: WhyNotRead::CogServer });
    }
    Ok(file)
}

/// One step: a text, or a map with the key `command`.
fn command(node: &YamlNode) -> Option<Lined<String>> {
    let text = node.text().or_else(|| node.get("command")?.text())?;
    Some(lined(text.trim(), node.line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_of_cog() {
        let text = "build:\n  gpu: true\n  cuda: \"11.8\"\n  python_version: 3.10\n  system_packages:\n    - ffmpeg\n\
                    \x20 python_packages:\n    - torch==2.0.1\n  run:\n    - command: pip install x\npredict: p.py:P\n";
        let file = read_cog(text).unwrap();
        assert_eq!(file.gpu, Some(Lined { value: true, line: 2 }));
        assert_eq!(file.python, Some(lined("3.10", 4)));
        assert_eq!(file.packages, [lined("torch==2.0.1", 8)]);
        assert_eq!(file.run, [lined("pip install x", 10)]);
        assert_eq!(file.not_read[0].text, "predict");
    }
}
