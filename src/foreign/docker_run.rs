//! Reads a `docker run …` line: its options as keys of a manifest, and its image.

use toml_edit::Value;

use super::key_setting::{KeySetting, gpu_devices};
use super::{NotRead, WhyNotRead, shell_words};

/// What a `docker run` line says about an environment.
#[derive(Clone, Debug, Default)]
pub struct DockerRun {
    pub name: Option<String>,
    pub image: Option<String>,
    pub settings: Vec<KeySetting>,
    pub not_read: Vec<NotRead>,
}

/// What an option means.
enum OptionMeaning {
    /// Options of the command itself, which mean nothing for a manifest: `-it`, `--rm`, `-d`.
    Nothing,
    Text(&'static str, &'static str),
    Item(&'static str, &'static str),
    Entry(&'static str, &'static str),
    Flag(&'static str, &'static str),
    Mount,
    Environment,
    Gpus,
    Name,
    /// An option with a value that no key of a manifest has: `--user 1000`.
    NoKey,
}

/// The options with a value, and those without.
fn meaning(option: &str) -> Option<OptionMeaning> {
    use OptionMeaning::{Entry, Environment, Flag, Gpus, Item, Mount, Name, NoKey, Nothing, Text};
    Some(match option {
        "-p" | "--publish" => Item("run", "ports"),
        "-v" | "--volume" => Mount,
        "-e" | "--env" => Environment,
        "--env-file" => Item("run", "env-file"),
        "-w" | "--workdir" => Text("run", "workdir"),
        "-h" | "--hostname" => Text("run", "hostname"),
        "-m" | "--memory" => Text("run", "memory"),
        "--shm-size" => Text("run", "shm-size"),
        "--ipc" => Text("run", "ipc"),
        "--restart" => Text("run", "restart"),
        "--net" | "--network" => Text("run", "network"),
        "--ulimit" => Entry("run", "ulimits"),
        "--cap-add" => Item("run", "cap-add"),
        "--device" => Item("run", "devices"),
        "--add-host" => Item("run", "extra-hosts"),
        "--tmpfs" => Item("run", "tmpfs"),
        "--cpus" => Text("run", "cpus"),
        "--gpus" => Gpus,
        "--privileged" => Flag("run", "privileged"),
        "--name" => Name,
        "--entrypoint" | "--user" | "-u" | "--runtime" | "--platform" | "--pull" | "-l" | "--label" | "--mount"
        | "--security-opt" | "--log-driver" | "--log-opt" | "--cidfile" | "--cpuset-cpus" | "--memory-swap"
        | "--pid" | "--userns" | "--group-add" | "--dns" | "--volumes-from" | "--stop-signal" | "-a" | "--attach"
        | "--link" | "--mac-address" | "--ip" | "--expose" | "--sysctl" | "--oom-score-adj" | "--cgroupns"
        | "--stop-timeout" => NoKey,
        "-i" | "-t" | "-d" | "--interactive" | "--tty" | "--detach" | "--rm" | "--init" | "-it" | "-ti" | "-itd"
        | "-dit" | "-id" | "-td" | "-P" | "--publish-all" | "-q" | "--quiet" => Nothing,
        _ => return None,
    })
}

/// Reads a line. `None`: it is not a `docker run` line.
#[must_use]
pub fn read_docker_run(line: &str) -> Option<DockerRun> {
    let words = shell_words(line)?;
    let start = words.iter().position(|word| word == "run")? + 1;
    let is_docker = words[..start - 1].iter().all(|word| {
        word.contains('=') || ["sudo", "docker", "podman", "nvidia-docker", "container"].contains(&word.as_str())
    });
    if !is_docker || start < 2 {
        return None;
    }
    let mut run = DockerRun::default();
    let at = run.options(&words[start..]) + start;
    run.image = words.get(at).cloned();
    if let Some(command) = words.get(at + 1..).filter(|command| !command.is_empty()) {
        run.refuse(&command.join(" "), WhyNotRead::Command);
    }
    Some(run)
}

impl DockerRun {
    fn refuse(&mut self, text: &str, why: WhyNotRead) {
        self.not_read.push(NotRead { text: text.to_owned(), line: 1, why });
    }

    /// Takes the options, and returns the place of the first word after them.
    pub(super) fn options(&mut self, words: &[String]) -> usize {
        let mut at = 0;
        while let Some(word) = words.get(at).filter(|word| word.starts_with('-') && word.len() > 1) {
            let (option, attached) = split(word);
            at += 1;
            let Some(meaning) = meaning(option) else {
                self.refuse(word, WhyNotRead::UnknownOption);
                continue;
            };
            if let OptionMeaning::Nothing | OptionMeaning::Flag(..) = meaning {
                self.flag(&meaning, attached);
                continue;
            }
            let value = attached.map(str::to_owned).or_else(|| {
                let next = words.get(at).cloned();
                at += 1;
                next
            });
            match value {
                Some(value) => self.value(option, &meaning, &value),
                None => self.refuse(word, WhyNotRead::NoValue),
            }
        }
        at
    }

    fn flag(&mut self, meaning: &OptionMeaning, attached: Option<&str>) {
        if let OptionMeaning::Flag(table, key) = meaning
            && attached != Some("false")
        {
            self.settings.push(KeySetting::whole(table, key, true));
        }
    }

    fn value(&mut self, option: &str, meaning: &OptionMeaning, value: &str) {
        match *meaning {
            OptionMeaning::Nothing | OptionMeaning::Flag(..) => {}
            OptionMeaning::Text(table, key) => {
                let number = value.parse::<f64>().ok().filter(|_| key == "cpus").map(Value::from);
                self.settings.push(KeySetting::whole(table, key, number.unwrap_or_else(|| value.into())));
            }
            OptionMeaning::Item(..) if value.contains('$') => {
                self.refuse(&format!("{option} {value}"), WhyNotRead::ShellVariable);
            }
            OptionMeaning::Item(table, key) => self.settings.push(KeySetting::item(table, key, value)),
            OptionMeaning::Entry(table, key) => match value.split_once('=') {
                Some((name, value)) => self.settings.push(KeySetting::entry(table, key, name, value)),
                None => self.refuse(value, WhyNotRead::NoEqualSign),
            },
            OptionMeaning::Environment => match value.split_once('=') {
                Some((_, text)) if text.contains('$') => {
                    self.refuse(&format!("{option} {value}"), WhyNotRead::ShellVariable);
                }
                Some((name, text)) => self.settings.push(KeySetting::entry("run", "env", name, text)),
                None => self.refuse(&format!("{option} {value}"), WhyNotRead::CallersVariable),
            },
            OptionMeaning::Gpus => match gpu_devices(value) {
                Some(devices) => self.settings.push(KeySetting::whole("gpu", "devices", devices)),
                None => self.refuse(&format!("{option} {value}"), WhyNotRead::GpuForm),
            },
            OptionMeaning::Mount => self.mount(option, value),
            OptionMeaning::Name => self.name = Some(value.to_owned()),
            OptionMeaning::NoKey => self.refuse(&format!("{option} {value}"), WhyNotRead::NoKey),
        }
    }

    /// The working directory is the project. The caller's home is `~`.
    fn mount(&mut self, option: &str, value: &str) {
        let here = ["$(pwd)", "${PWD}", "$PWD", "`pwd`", "."];
        let home = ["$HOME", "${HOME}"];
        let (source, target) = value.split_once(':').unwrap_or((value, ""));
        if here.contains(&source) && !target.is_empty() {
            let target = target.split(':').next().unwrap_or_default();
            self.settings.push(KeySetting::whole("run", "project", target));
            return;
        }
        let replaced =
            here.iter().filter(|name| name.len() > 1).map(|name| (name, ".")).chain(home.iter().map(|n| (n, "~")));
        let found = replaced.into_iter().find_map(|(name, with)| Some(format!("{with}{}", source.strip_prefix(name)?)));
        let source = found.unwrap_or_else(|| source.to_owned());
        let mount = if target.is_empty() { source } else { format!("{source}:{target}") };
        if mount.contains(['$', '`']) {
            self.refuse(&format!("{option} {value}"), WhyNotRead::ShellVariable);
        } else {
            self.settings.push(KeySetting::item("run", "mounts", mount));
        }
    }
}

/// Splits `--name=value` and `-p8888:8888`.
fn split(word: &str) -> (&str, Option<&str>) {
    if let Some((option, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
        return (option, Some(value));
    }
    let takes_value = |option: &str| ["-p", "-v", "-e", "-w", "-h", "-m", "-u", "-l"].contains(&option);
    match word.char_indices().nth(2) {
        Some((at, _)) if !word.starts_with("--") && takes_value(&word[..at]) => {
            let value = &word[at..];
            (&word[..at], Some(value.strip_prefix('=').unwrap_or(value)))
        }
        _ => (word, None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::key_setting::KeyPart;
    use super::*;

    fn settings(run: &DockerRun) -> Vec<String> {
        let one = |setting: &KeySetting| {
            let (name, value) = match &setting.part {
                KeyPart::Whole(value) | KeyPart::Item(value) => (String::new(), value),
                KeyPart::Entry(name, value) => (format!(".{name}"), value),
            };
            format!("{}.{}{name} = {}", setting.table, setting.key, value.to_string().trim())
        };
        run.settings.iter().map(one).collect()
    }

    #[test]
    fn the_options_of_research() {
        let line = "docker run -it --rm --gpus '\"device=0,1\"' --ipc=host --shm-size 8g --ulimit memlock=-1 \\\n\
                    -p 8888:8888 -p6006:6006 -v $(pwd):/workspace -v $HOME/data:/data:ro -v cache:/c -e HF_HOME=/c -e TOKEN \
                    -w /workspace --name lab --net=host pytorch/pytorch:2.4.0-cuda12.1-cudnn9-runtime bash -c 'x y'";
        let run = read_docker_run(line).unwrap();
        assert_eq!(
            settings(&run),
            [
                "gpu.devices = [0, 1]",
                "run.ipc = \"host\"",
                "run.shm-size = \"8g\"",
                "run.ulimits.memlock = \"-1\"",
                "run.ports = \"8888:8888\"",
                "run.ports = \"6006:6006\"",
                "run.project = \"/workspace\"",
                "run.mounts = \"~/data:/data:ro\"",
                "run.mounts = \"cache:/c\"",
                "run.env.HF_HOME = \"/c\"",
                "run.workdir = \"/workspace\"",
                "run.network = \"host\"",
            ]
        );
        assert_eq!(run.name.as_deref(), Some("lab"));
        assert_eq!(run.image.as_deref(), Some("pytorch/pytorch:2.4.0-cuda12.1-cudnn9-runtime"));
        let left: Vec<_> = run.not_read.iter().map(|left| left.text.as_str()).collect();
        assert_eq!(left, ["-e TOKEN", "bash -c x y"]);
    }

    #[test]
    fn what_can_not_be_taken_is_named() {
        let run = read_docker_run("sudo docker run --user 1000 --strange -v $DATA:/data -p $PORT:1 image").unwrap();
        let left: Vec<_> = run.not_read.iter().map(|left| left.text.as_str()).collect();
        assert_eq!(left, ["--user 1000", "--strange", "-v $DATA:/data", "-p $PORT:1"]);
        for line in ["docker build .", "echo run", "run x", "docker run 'x"] {
            assert!(read_docker_run(line).is_none(), "{line}");
        }
    }
}
