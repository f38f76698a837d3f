//! The manifest's own Dockerfile lines. They go in as they are, as far as they can be judged and reach nothing that envctl
//! brings for its own steps: no secret, no cache, no stage and no image of ours. A manifest may come from a stranger.
//!
//! What is allowed is listed, by instruction and by flag; everything else is refused with its line. The list is what
//! Docker 20.10's own frontend knows, without what takes more than a step in the container: another stage (`FROM`, whose
//! image's `ONBUILD` would run with our secrets), steps for other builds (`ONBUILD`), and downloads by the engine (`ADD`,
//! which reaches the host's loopback addresses).

use super::instruction::{Ambiguity, Instruction, lines_inside};

/// How every cache, secret, stage and image of ours begins.
pub(super) const RESERVED: &str = "envctl";

/// A line that does not go in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedLine {
    /// Within `append`, from 1.
    pub line: usize,
    /// The line itself.
    pub text: String,
    /// Why.
    pub why: Refusal,
}

/// Why a line does not go in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// See [`Ambiguity::Character`].
    #[error("it has a control character or a blank that builders read in different ways")]
    Character,
    /// See [`Ambiguity::Flag`].
    #[error("a flag with quotes, escapes, variables or characters outside ASCII can't be judged")]
    Flag,
    /// See [`Ambiguity::Unfinished`].
    #[error("it ends in a backslash and nothing follows")]
    Unfinished,
    /// A word that is no instruction of Docker 20.10's frontend.
    #[error("`{name}` is no instruction that Docker 20.10 knows")]
    UnknownInstruction { name: String },
    /// An instruction that reaches further than a step in the container.
    #[error("`{name}` is not allowed there")]
    Instruction { name: &'static str },
    /// `<<` is the begin of a here-document for one builder, and text for another.
    #[error("builders read `<<` in different ways")]
    HereDocument,
    /// A flag that the instruction does not have in Docker 20.10's frontend.
    #[error("`{instruction}` has no flag `--{flag}` in Docker 20.10")]
    UnknownFlag { instruction: String, flag: String },
    /// A part of a `--mount` flag that is not known there, or named twice.
    #[error("`{option}` in `--mount` is unknown or named twice")]
    MountOption { option: String },
    /// A mount of a type that is not served.
    #[error("mounts of the type `{kind}` are not allowed there")]
    MountType { kind: String },
    /// A secret that is not the manifest's own.
    #[error("it mounts a secret that the manifest does not declare: `{id}`")]
    ForeignSecret { id: String },
    /// A cache that steps of ours may use.
    #[error("names of caches that begin with `{RESERVED}` are reserved: `{id}`")]
    ReservedCache { id: String },
    /// A stage or an image of ours, or a stage by its number.
    #[error("stages and images of envctl can't be read from: `{from}`")]
    ReservedSource { from: String },
}

impl From<Ambiguity> for Refusal {
    fn from(why: Ambiguity) -> Self {
        match why {
            Ambiguity::Character => Self::Character,
            Ambiguity::Flag | Ambiguity::Directive => Self::Flag,
            Ambiguity::Unfinished => Self::Unfinished,
        }
    }
}

impl Refusal {
    /// What to write instead.
    pub(super) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::ForeignSecret { .. } => Some("declare it in `[build] secrets` and mount it by that id"),
            Self::Instruction { name: "ADD" } => Some("download in a line of `[build] run`, or use `COPY`"),
            Self::Instruction { name: "FROM" } => Some("set `[system] image`, or take files with `COPY --from=IMAGE`"),
            Self::HereDocument => Some("write the script as a line of `[build] run`: it may have several lines"),
            Self::ReservedCache { .. } => Some("give the cache an `id` of your own"),
            _ => None,
        }
    }
}

/// Judges the lines of `[build] append`; `declared` are the ids of the manifest's own secrets.
///
/// # Errors
/// The first line that does not go in.
pub fn judge(text: &str, declared: &[&str]) -> Result<(), RefusedLine> {
    let refused = |line: usize, why| {
        let text = text.lines().nth(line - 1).unwrap_or_default().trim().to_owned();
        RefusedLine { line, text, why }
    };
    let instructions = lines_inside(text).map_err(|unreadable| refused(unreadable.line, unreadable.why.into()))?;
    instructions.iter().try_for_each(|one| instruction(one, declared).map_err(|why| refused(one.line, why)))
}

fn instruction(instruction: &Instruction, declared: &[&str]) -> Result<(), Refusal> {
    let known: &[&str] = match instruction.name.as_str() {
        "run" => &["mount"],
        "copy" => &["from", "chown", "chmod"],
        "healthcheck" => &["interval", "timeout", "start-period", "retries"],
        "arg" | "cmd" | "entrypoint" | "env" | "expose" | "label" | "maintainer" | "shell" | "stopsignal" | "user"
        | "workdir" => &[],
        "add" => return Err(Refusal::Instruction { name: "ADD" }),
        "from" => return Err(Refusal::Instruction { name: "FROM" }),
        "onbuild" => return Err(Refusal::Instruction { name: "ONBUILD" }),
        "volume" => return Err(Refusal::Instruction { name: "VOLUME" }),
        name => return Err(Refusal::UnknownInstruction { name: name.to_owned() }),
    };
    if matches!(instruction.name.as_str(), "run" | "copy") && instruction.arguments.contains("<<") {
        return Err(Refusal::HereDocument);
    }
    for (flag, value) in &instruction.flags {
        if !known.contains(&flag.as_str()) {
            let instruction = instruction.name.to_ascii_uppercase();
            return Err(Refusal::UnknownFlag { instruction, flag: flag.clone() });
        }
        match flag.as_str() {
            "mount" => mount(value, declared)?,
            "from" => source(value)?,
            _ => {}
        }
    }
    Ok(())
}

/// The options of a `--mount`, each by the one name that stands for all its spellings.
#[derive(Default)]
struct Mount<'a> {
    kind: Option<&'a str>,
    id: Option<&'a str>,
    from: Option<&'a str>,
    source: Option<&'a str>,
    target: Option<&'a str>,
}

impl<'a> Mount<'a> {
    /// By the frontend's rules for comma-separated values without quotes: of these there are none left.
    fn read(options: &'a str) -> Result<Self, Refusal> {
        let mut mount = Self::default();
        for option in options.split(',') {
            let (key, value) = option.split_once('=').map_or((option, None), |(key, value)| (key, Some(value)));
            let place = match (key.to_ascii_lowercase().as_str(), value) {
                ("type", Some(_)) => &mut mount.kind,
                ("id", Some(_)) => &mut mount.id,
                ("from", Some(_)) => &mut mount.from,
                ("source" | "src", Some(_)) => &mut mount.source,
                ("target" | "dst" | "destination", Some(_)) => &mut mount.target,
                ("readonly" | "ro" | "readwrite" | "rw" | "required", _)
                | ("sharing" | "mode" | "uid" | "gid", Some(_)) => continue,
                _ => return Err(Refusal::MountOption { option: option.to_owned() }),
            };
            if place.is_some() {
                return Err(Refusal::MountOption { option: option.to_owned() });
            }
            *place = value;
        }
        Ok(mount)
    }
}

fn mount(options: &str, declared: &[&str]) -> Result<(), Refusal> {
    let mount = Mount::read(options)?;
    mount.from.map_or(Ok(()), source)?;
    match mount.kind.unwrap_or("bind").to_ascii_lowercase().as_str() {
        "bind" | "tmpfs" => Ok(()),
        "secret" => secret(&mount, declared),
        "cache" => cache(&mount),
        kind => Err(Refusal::MountType { kind: kind.to_owned() }),
    }
}

/// A secret's id is `id`, else `source`, else the last part of `target`: the last is refused, for being no name.
fn secret(mount: &Mount<'_>, declared: &[&str]) -> Result<(), Refusal> {
    let ids: Vec<&str> = mount.id.into_iter().chain(mount.source).collect();
    match ids[..] {
        [id] if declared.contains(&id) => Ok(()),
        _ => Err(Refusal::ForeignSecret { id: ids.first().or(mount.target.as_ref()).unwrap_or(&"").to_string() }),
    }
}

/// A cache's id is `id`, else its target, cleaned.
fn cache(mount: &Mount<'_>) -> Result<(), Refusal> {
    let id = match mount.id {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => clean(mount.target.unwrap_or_default()),
    };
    if is_reserved(&id) { Err(Refusal::ReservedCache { id }) } else { Ok(()) }
}

/// A path without `.`, `..` and doubled slashes, as far as they go.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    format!("{}{}", if path.starts_with('/') { "/" } else { "" }, parts.join("/"))
}

/// A stage by name or number, or an image.
fn source(from: &str) -> Result<(), Refusal> {
    let is_number = !from.is_empty() && from.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-'));
    let repository = ["docker.io/", "index.docker.io/"].iter().find_map(|host| from.strip_prefix(host));
    if is_number || is_reserved(repository.unwrap_or(from)) {
        return Err(Refusal::ReservedSource { from: from.to_owned() });
    }
    Ok(())
}

fn is_reserved(name: &str) -> bool {
    name.get(..RESERVED.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(RESERVED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(lines: &str) -> Result<(), Refusal> {
        judge(lines, &["hf"]).map_err(|refused| refused.why)
    }

    #[test]
    fn own_secrets_caches_and_images_pass() {
        for lines in [
            "RUN --mount=type=secret,id=hf cat /run/secrets/hf",
            "RUN --mount=type=secret,source=hf,target=/x,required cat /x",
            "RUN --mount=type=cache,target=/root/.cache --mount=type=tmpfs,target=/tmp/x true",
            "RUN --mount=type=cache,id=mine,target=/opt/envctl/x,sharing=locked,mode=0755 true",
            "RUN --mount=type=bind,from=ghcr.io/lab/tools:1,source=/bin,target=/mnt --mount=target=/context true",
            "COPY --from=ghcr.io/lab/tools:1 --chown=1000:1000 /bin/x /usr/local/bin/x",
            "HEALTHCHECK --interval=5s --retries=3 CMD true",
            "ENV A=\"$B\" C='d e'\nLABEL x=\"envctl-index\"\nSHELL [\"/bin/bash\", \"-c\"]\nRUN echo \\\n  $((1 + 2))",
            "# FROM x\n\nUSER 0",
        ] {
            assert_eq!(judged(lines), Ok(()), "{lines}");
        }
    }

    #[test]
    fn our_secrets_do_not_however_they_are_spelled() {
        for lines in [
            "RUN --mount=type=secret,id=envctl-index cat /run/secrets/envctl-index",
            "RUN --mount=id=envctl-index,type=secret true",
            "RUN --mount=TYPE=SECRET,ID=envctl-index true",
            "run --mount=type=secret,id=envctl-\\\nindex true",
            "RUN --mount=type=secret,id=envctl-\\\n# a comment\nindex true",
            "RUN --mount=type=secret,id=envctl-\\\n\n\nindex true",
            "RUN --mount=type=secret,id=envctl-\\ \t\nindex true",
            "RUN \\\n  # a comment\n  --mount=type=secret,id=envctl-index true",
            "RUN --mount=type=secret,target=/run/secrets/envctl-index true",
            "RUN --mount=type=secret,source=envctl-index true",
            "RUN --mount=type=secret,src=envctl-index,id= true",
            "RUN --mount=type=secret,id=hf,id=envctl-index true",
            "RUN --mount=type=secret,id=hf,source=envctl-index true",
            "RUN --mount=type=secret,id=HF true",
            "ARG X=envctl-index\nRUN --mount=type=secret,id=$X true",
            "RUN --mount=type=\"secret\",id=envctl-index true",
            "RUN --mount=type=secret,id=envctl\\-index true",
            "RUN --mount=\"type=secret\",id=envctl-index true",
            "RUN '--mount=type=secret,id=envctl-index' true\nRUN --'mount=type=secret',id=envctl-index true",
            "RUN --mount=type=ssh true",
        ] {
            assert!(judged(lines).is_err(), "{lines}");
        }
    }

    #[test]
    fn our_caches_do_not_either() {
        for options in [
            "type=cache,id=envctl-uv,target=/x",
            "type=cache,id=ENVCTL-uv,target=/x",
            "type=cache,target=envctl-uv",
            "type=cache,dst=./x/..//envctl-uv/",
            "type=Cache,target=envctl-uv,id=",
            "type=cache,id=mine,id=envctl-uv,target=/x",
        ] {
            assert!(judged(&format!("RUN --mount={options} true")).is_err(), "{options}");
        }
    }

    #[test]
    fn our_stages_and_images_are_not_read_from() {
        for from in ["envctl-fetch", "Envctl-Fetch", "envctl.invalid/uv:1", "docker.io/envctl/lab:1", "0", "-0", "+1"] {
            assert!(judged(&format!("COPY --from={from} / /x")).is_err(), "{from}");
            assert!(judged(&format!("RUN --mount=from={from},target=/x true")).is_err(), "{from}");
            assert!(judged(&format!("RUN --mount=type=cache,from={from},target=/x true")).is_err(), "{from}");
        }
    }

    #[test]
    fn what_reaches_further_than_a_step_is_refused() {
        for lines in [
            "FROM scratch",
            "ONBUILD RUN --mount=type=secret,id=envctl-index true",
            "VOLUME /workspace/made-by-root",
            "ADD http://127.0.0.1:8888/ /x",
            "RUN --network=host true",
            "RUN --security=insecure true",
            "COPY --link a b",
            "INCLUDE x",
            "RUN cat <<EOF\nEOF",
            "RUN cat <<'ENV A=b \\'\nENV A=b \\\nRUN --mount=type=secret,id=envctl-index true",
        ] {
            assert!(judged(lines).is_err(), "{lines}");
        }
    }

    #[test]
    fn the_line_is_named() {
        let refused = judge("ENV A=b\n\nRUN --mount=type=secret,\\\n# x\nid=envctl-ca true", &[]).unwrap_err();
        assert_eq!((refused.line, refused.text.as_str()), (3, "RUN --mount=type=secret,\\"));
        assert_eq!(refused.why, Refusal::ForeignSecret { id: "envctl-ca".to_owned() });
    }
}
