//! What the shell lines of an image's build install: pip, conda and apt commands. Other commands are named.

use super::conda_spec::{CondaSpec, SpecMeaning};
use super::shell_words::commands;
use super::{Lined, NotRead, WhyNotRead, lined, requirement_name};

/// What shell lines install.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShellInstalls {
    /// PEP 508 requirements.
    pub packages: Vec<Lined<String>>,
    /// Requirements files, as named.
    pub files: Vec<Lined<String>>,
    /// Packages of Debian and Ubuntu.
    pub system: Vec<Lined<String>>,
    /// Whether the project itself is installed: `pip install -e .`.
    pub installs_project: bool,
    pub not_read: Vec<NotRead>,
}

/// Commands that leave nothing behind, or only prepare others.
const WITHOUT_EFFECT: [&str; 20] = [
    "rm",
    "mkdir",
    "echo",
    "export",
    "set",
    "cd",
    "true",
    "ldconfig",
    "update-ca-certificates",
    "locale-gen",
    "ls",
    "find",
    "apt-key",
    "apt-mark",
    "dpkg-reconfigure",
    "exit",
    "test",
    "[",
    "nvidia-smi",
    ":",
];

/// Packages that install others. The environment has its own.
const INSTALLERS: [&str; 9] = ["pip", "pipx", "poetry", "uv", "setuptools", "wheel", "virtualenv", "pipenv", "conda"];

/// Options of pip with a value.
const PIP_VALUES: [&str; 13] = [
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--trusted-host",
    "-c",
    "--constraint",
    "--timeout",
    "--retries",
    "-t",
    "--target",
    "--python",
];

impl ShellInstalls {
    /// Adds the commands of one shell line.
    pub(super) fn read(&mut self, text: &str, line: usize) {
        let Some(commands) = commands(text) else { return self.refuse(text, line, WhyNotRead::NoShellLine) };
        for command in commands {
            self.command(&command, line);
        }
    }

    fn command(&mut self, command: &[String], line: usize) {
        let words = command.iter().map(String::as_str);
        let words: Vec<&str> = words.skip_while(|word| *word == "sudo" || is_assignment(word)).collect();
        let Some(program) = words.first().map(|word| word.rsplit('/').next().unwrap_or(word)) else { return };
        let is_python = program.starts_with("python");
        match (program, &words[1..]) {
            ("pip" | "pip3", ["install", rest @ ..]) | ("uv", ["pip", "install", rest @ ..]) => self.pip(rest, line),
            (_, ["-m", "pip", "install", rest @ ..]) if is_python => self.pip(rest, line),
            ("conda" | "mamba" | "micromamba", ["install", rest @ ..]) => self.conda(rest, line),
            ("apt-get" | "apt" | "aptitude", rest) => self.apt(rest, line),
            _ if WITHOUT_EFFECT.contains(&program) => {}
            _ => self.refuse(&command.join(" "), line, WhyNotRead::BuildStep),
        }
    }

    fn refuse(&mut self, text: &str, line: usize, why: WhyNotRead) {
        self.not_read.push(NotRead { text: text.to_owned(), line, why });
    }

    fn pip(&mut self, words: &[&str], line: usize) {
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            let (option, attached) = word.split_once('=').map_or((word, None), |(o, v)| (o, Some(v)));
            match option {
                "-r" | "--requirement" => match attached.or_else(|| words.next()) {
                    Some(file) if file.contains("://") => self.refuse(file, line, WhyNotRead::FileAddress),
                    file => self.files.extend(file.map(|file| lined(file, line))),
                },
                "-e" | "--editable" => self.path(attached.or_else(|| words.next()).unwrap_or("."), line),
                _ if PIP_VALUES.contains(&option) => {
                    let value = attached.or_else(|| words.next()).unwrap_or_default();
                    self.refuse(&format!("{option} {value}"), line, WhyNotRead::OfTheNetwork);
                }
                _ if word.starts_with('-') => {}
                _ if word.contains('$') => self.refuse(word, line, WhyNotRead::ShellVariable),
                _ if word.starts_with(['.', '/']) => self.path(word, line),
                _ if word.starts_with("git+") || word.contains("://") && !word.contains('@') => {
                    self.refuse(word, line, WhyNotRead::NoPackageName);
                }
                _ if INSTALLERS.contains(&requirement_name(word).as_str()) => {}
                _ => self.packages.push(lined(word, line)),
            }
        }
    }

    fn path(&mut self, path: &str, line: usize) {
        let inner = path.split('[').next().unwrap_or(path);
        if inner == "." || inner == "./" {
            self.installs_project = true;
        } else {
            self.refuse(path, line, WhyNotRead::LocalPath);
        }
    }

    fn conda(&mut self, words: &[&str], line: usize) {
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            if ["-c", "--channel", "-n", "--name", "-p", "--prefix"].contains(&word) {
                words.next();
            } else if !word.starts_with('-') {
                match CondaSpec::parse(word).map(|spec| spec.meaning()) {
                    Some(SpecMeaning::Requirement(text)) => self.packages.push(lined(text, line)),
                    Some(SpecMeaning::System(package)) => self.system.push(lined(package, line)),
                    Some(SpecMeaning::Provided) => {}
                    Some(SpecMeaning::Unknown) | None => self.refuse(word, line, WhyNotRead::UnknownCondaPackage),
                }
            }
        }
    }

    fn apt(&mut self, words: &[&str], line: usize) {
        let mut packages = words.iter().filter(|word| !word.starts_with('-'));
        if packages.next().copied() != Some("install") {
            return;
        }
        for word in packages {
            if word.contains('$') {
                self.refuse(word, line, WhyNotRead::ShellVariable);
            } else if is_python(word) {
                self.refuse(word, line, WhyNotRead::SystemPython);
            } else if !word.contains(['>', '<']) {
                self.system.push(lined(word.split('=').next().unwrap_or(word), line));
            }
        }
    }
}

/// Whether a package of the distribution is its Python, or a tool of it: `python3.10`, `python3-pip`.
fn is_python(package: &str) -> bool {
    let Some(rest) = package.strip_prefix("python") else { return false };
    let (version, tool) = rest.split_once('-').unwrap_or((rest, ""));
    let tools = ["", "pip", "venv", "dev", "distutils", "setuptools", "wheel", "full", "is-python3"];
    version.chars().all(|c| c.is_ascii_digit() || c == '.') && tools.contains(&tool)
}

fn is_assignment(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or_default();
    word.contains('=') && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ShellInstalls {
        let mut found = ShellInstalls::default();
        found.read(text, 3);
        found
    }

    fn texts(lines: &[Lined<String>]) -> Vec<&str> {
        lines.iter().map(|line| line.value.as_str()).collect()
    }

    #[test]
    fn pip_apt_and_conda() {
        let found = read(
            "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends git=1:2 libgl1 python3-pip python3-numpy \
             && rm -rf /var/lib/apt/lists/* && python3 -m pip install --no-cache-dir -r req.txt 'torch>=2' -e . \
             && conda install -y -c conda-forge pytorch=2.0 ffmpeg strange",
        );
        assert_eq!(texts(&found.system), ["git", "libgl1", "python3-numpy", "ffmpeg"]);
        assert_eq!(texts(&found.packages), ["torch>=2", "torch==2.0.*"]);
        assert_eq!(texts(&found.files), ["req.txt"]);
        assert!(found.installs_project);
        assert_eq!(
            found.not_read.iter().map(|left| left.text.as_str()).collect::<Vec<_>>(),
            ["python3-pip", "strange"]
        );
    }

    #[test]
    fn what_installs_elsewhere_is_named() {
        let found =
            read("pip install --extra-index-url https://x.example a ./b $C git+https://git.example/d; wget y | sh");
        let left: Vec<_> = found.not_read.iter().map(|left| left.text.as_str()).collect();
        let expected =
            ["--extra-index-url https://x.example", "./b", "$C", "git+https://git.example/d", "wget y", "sh"];
        assert_eq!(left, expected);
        assert_eq!(texts(&found.packages), ["a"]);
    }
}
