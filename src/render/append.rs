//! Checks the manifest's own Dockerfile lines. A manifest can come from a stranger, so these lines must reach no
//! secret, no cache, no stage and no image that envctl uses for its own steps. Accepted lines go into the Dockerfile
//! unchanged.
//!
//! A list names the allowed instructions and flags; any other line is refused with its number. The list is the syntax
//! of Docker 20.10's built-in frontend without everything that is more than a step in the container: another stage
//! (`FROM`, because `ONBUILD` of its image would run with our secrets), steps for other builds (`ONBUILD`), and
//! downloads by the engine (`ADD`, which reaches the host's loopback addresses).
//!
//! An engine shares a cache with one name between all builds and users. So envctl gives each cache in these lines a
//! name of this environment ([`with_own_caches`]).

use sha2::{Digest, Sha256};

use super::instruction::{Ambiguity, Instruction, lines_inside};

/// The prefix of every cache, secret, stage and image of envctl.
pub(super) const RESERVED: &str = "envctl";

/// A line that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedLine {
    /// The line number in `append`, from 1.
    pub line: usize,
    /// The line itself.
    pub text: String,
    pub why: LineRefusal,
}

/// The reason why a line is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineRefusal {
    /// See [`Ambiguity::Character`].
    #[error("it has a control character or a blank that builders read in different ways")]
    Character,
    /// See [`Ambiguity::Flag`].
    #[error("a flag with quotes, escapes, variables or characters outside ASCII can't be checked")]
    Flag,
    /// See [`Ambiguity::Unfinished`].
    #[error("it ends in a backslash and nothing follows")]
    Unfinished,
    /// A word that is not an instruction of Docker 20.10's frontend.
    #[error("`{name}` is not an instruction of Docker 20.10")]
    UnknownInstruction { name: String },
    /// An instruction with effects outside a step in the container.
    #[error("`{name}` is not allowed there")]
    Instruction { name: &'static str },
    /// A `<<`, which starts a here-document in one builder and is text in another.
    #[error("builders read `<<` in different ways")]
    HereDocument,
    /// A flag that the instruction does not have in Docker 20.10's frontend.
    #[error("`{instruction}` has no flag `--{flag}` in Docker 20.10")]
    UnknownFlag { instruction: String, flag: String },
    /// A part of a `--mount` flag that is unknown, or that appears twice.
    #[error("`{option}` in `--mount` is unknown or named twice")]
    MountOption { option: String },
    /// A mount of a type that is not allowed.
    #[error("mounts of the type `{kind}` are not allowed there")]
    MountType { kind: String },
    /// A secret that the manifest does not declare.
    #[error("it mounts a secret that the manifest does not declare: `{id}`")]
    ForeignSecret { id: String },
    /// A cache that steps of envctl can use.
    #[error("names of caches that begin with `{RESERVED}` are reserved: `{id}`")]
    ReservedCache { id: String },
    /// A stage or image of envctl, or a stage by its number.
    #[error("envctl's own stages and images can't be used: `{from}`")]
    ReservedSource { from: String },
}

impl From<Ambiguity> for LineRefusal {
    fn from(why: Ambiguity) -> Self {
        match why {
            Ambiguity::Character => Self::Character,
            Ambiguity::Flag | Ambiguity::Directive => Self::Flag,
            Ambiguity::Unfinished => Self::Unfinished,
        }
    }
}

impl LineRefusal {
    /// The alternative to write.
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
///
/// The first line that is refused.
pub fn judge(text: &str, declared: &[&str]) -> Result<(), RefusedLine> {
    judged(text, declared).map(|_| ())
}

fn judged(text: &str, declared: &[&str]) -> Result<Vec<Instruction>, RefusedLine> {
    let refused = |line: usize, why| {
        let text = text.lines().nth(line - 1).unwrap_or_default().trim().to_owned();
        RefusedLine { line, text, why }
    };
    let instructions = lines_inside(text).map_err(|unreadable| refused(unreadable.line, unreadable.why.into()))?;
    instructions.iter().try_for_each(|one| instruction(one, declared).map_err(|why| refused(one.line, why)))?;
    Ok(instructions)
}

/// The same lines, with each cache replaced by one of this environment. An instruction with a cache becomes one line,
/// as the builder joins it.
///
/// # Errors
///
/// See [`judge`].
pub(super) fn with_own_caches(text: &str, declared: &[&str], environment: &str) -> Result<String, RefusedLine> {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for one in judged(text, declared)?.iter().filter(|one| one.flags.iter().any(is_cache)).rev() {
        lines.splice(one.line - 1..one.last_line, [one_line(one, environment)]);
    }
    Ok(lines.join("\n"))
}

/// An instruction's text, with the environment's own caches in its `--mount` flags.
fn one_line(instruction: &Instruction, environment: &str) -> String {
    let mut words = vec![instruction.name.to_ascii_uppercase()];
    for given in &instruction.flags {
        let (flag, value) = given;
        let value = if is_cache(given) { own_cache(value, environment) } else { value.clone() };
        words.push(if value.is_empty() { format!("--{flag}") } else { format!("--{flag}={value}") });
    }
    if instruction.arguments.starts_with("--") {
        words.push("--".to_owned());
    }
    words.push(instruction.arguments.clone());
    words.join(" ")
}

/// Whether an accepted flag mounts a cache.
fn is_cache((flag, value): &(String, String)) -> bool {
    let kind = StepMount::read(value).ok().and_then(|mount| mount.kind);
    flag == "mount" && kind.is_some_and(|kind| kind.eq_ignore_ascii_case("cache"))
}

/// The options of a cache with a name that is unique to the environment. The original name is hashed: builders clean
/// names as paths, and a name with `..` could leave a prefix.
fn own_cache(options: &str, environment: &str) -> String {
    let id = StepMount::read(options).map(|mount| cache_id(&mount)).unwrap_or_default();
    let digest = crate::digest::hex(&Sha256::digest(id.as_bytes())[..6]);
    let is_id = |option: &&str| option.split_once('=').is_some_and(|(key, _)| key.eq_ignore_ascii_case("id"));
    let others = options.split(',').filter(|option| !is_id(option));
    let own = format!("id={RESERVED}-own-{environment}-{digest}");
    others.chain([own.as_str()]).collect::<Vec<_>>().join(",")
}

fn instruction(instruction: &Instruction, declared: &[&str]) -> Result<(), LineRefusal> {
    let known: &[&str] = match instruction.name.as_str() {
        "run" => &["mount"],
        "copy" => &["from", "chown", "chmod"],
        "healthcheck" => &["interval", "timeout", "start-period", "retries"],
        "arg" | "cmd" | "entrypoint" | "env" | "expose" | "label" | "maintainer" | "shell" | "stopsignal" | "user"
        | "workdir" => &[],
        "add" => return Err(LineRefusal::Instruction { name: "ADD" }),
        "from" => return Err(LineRefusal::Instruction { name: "FROM" }),
        "onbuild" => return Err(LineRefusal::Instruction { name: "ONBUILD" }),
        "volume" => return Err(LineRefusal::Instruction { name: "VOLUME" }),
        name => return Err(LineRefusal::UnknownInstruction { name: name.to_owned() }),
    };
    if matches!(instruction.name.as_str(), "run" | "copy") && instruction.arguments.contains("<<") {
        return Err(LineRefusal::HereDocument);
    }
    for (flag, value) in &instruction.flags {
        if !known.contains(&flag.as_str()) {
            let instruction = instruction.name.to_ascii_uppercase();
            return Err(LineRefusal::UnknownFlag { instruction, flag: flag.clone() });
        }
        match flag.as_str() {
            "mount" => mount(value, declared)?,
            "from" => source(value)?,
            _ => {}
        }
    }
    Ok(())
}

/// The options of a `--mount`, each under one name for all its spellings.
#[derive(Default)]
struct StepMount<'a> {
    kind: Option<&'a str>,
    id: Option<&'a str>,
    from: Option<&'a str>,
    source: Option<&'a str>,
    target: Option<&'a str>,
}

impl<'a> StepMount<'a> {
    /// Splits at commas, by the frontend's rules for values without quotes. Earlier checks refuse quotes.
    fn read(options: &'a str) -> Result<Self, LineRefusal> {
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
                _ => return Err(LineRefusal::MountOption { option: option.to_owned() }),
            };
            if place.is_some() {
                return Err(LineRefusal::MountOption { option: option.to_owned() });
            }
            *place = value;
        }
        Ok(mount)
    }
}

fn mount(options: &str, declared: &[&str]) -> Result<(), LineRefusal> {
    let mount = StepMount::read(options)?;
    mount.from.map_or(Ok(()), source)?;
    match mount.kind.unwrap_or("bind").to_ascii_lowercase().as_str() {
        "bind" | "tmpfs" => Ok(()),
        "secret" => secret(&mount, declared),
        "cache" => cache(&mount),
        kind => Err(LineRefusal::MountType { kind: kind.to_owned() }),
    }
}

/// Checks a secret. Its id is `id`, else `source`, else the last part of `target`. The last form is refused, because it
/// is not an explicit name.
fn secret(mount: &StepMount<'_>, declared: &[&str]) -> Result<(), LineRefusal> {
    let ids: Vec<&str> = mount.id.into_iter().chain(mount.source).collect();
    match ids[..] {
        [id] if declared.contains(&id) => Ok(()),
        _ => Err(LineRefusal::ForeignSecret { id: ids.first().or(mount.target.as_ref()).unwrap_or(&"").to_string() }),
    }
}

fn cache(mount: &StepMount<'_>) -> Result<(), LineRefusal> {
    let id = cache_id(mount);
    if is_reserved(&id) { Err(LineRefusal::ReservedCache { id }) } else { Ok(()) }
}

/// A cache's id: `id`, else its cleaned target.
fn cache_id(mount: &StepMount<'_>) -> String {
    match mount.id {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => clean(mount.target.unwrap_or_default()),
    }
}

/// A path without `.`, `..` and doubled slashes, where they can be removed.
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

/// Checks a stage by name or number, or an image.
fn source(from: &str) -> Result<(), LineRefusal> {
    let is_number = !from.is_empty() && from.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-'));
    let repository = ["docker.io/", "index.docker.io/"].iter().find_map(|host| from.strip_prefix(host));
    if is_number || is_reserved(repository.unwrap_or(from)) {
        return Err(LineRefusal::ReservedSource { from: from.to_owned() });
    }
    Ok(())
}

fn is_reserved(name: &str) -> bool {
    name.get(..RESERVED.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(RESERVED))
}

#[cfg(test)]
mod tests;
