//! Finds the cause of a failed build in the builder's message and in the last lines of the failed step.
//!
//! The builder reports only "exit code: 1". The cause that the user must fix is in the step's output, in the messages
//! of apt, pip, uv or curl. This file recognises those messages. It looks for the few causes that have a specific
//! remedy. For all others the log is enough, which is shown in every case.

use std::fmt;

/// A failed build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildFailure {
    /// The name of the failed step as the builder reports it: `[3/7] RUN …`, or `Dockerfile` for an error in its
    /// text.
    pub step: String,
    /// The line number in the Dockerfile, from 1.
    pub line: Option<usize>,
    /// The last lines that the step printed.
    pub log: Vec<String>,
    /// The builder's message.
    pub reason: String,
    /// The cause that was recognised.
    pub cause: BuildCause,
}

/// The cause of a failed build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildCause {
    /// The build does not trust a certificate; the usual reason is a proxy that inspects TLS.
    Certificate,
    /// The proxy refused the request or cannot be reached.
    Proxy,
    /// A host name does not resolve, or a host does not answer.
    Unreachable {
        /// `index.example.org`, if the message names it.
        host: Option<String>,
    },
    DiskFull,
    /// The kernel killed the step; the usual reason is a lack of memory.
    Killed,
    /// An index has no such package or version.
    NoSuchVersion {
        /// `torch==9.9`
        requirement: String,
    },
    /// The distribution has no such package.
    NoSuchPackage {
        /// `libgl1`
        package: String,
    },
    /// The hash of a downloaded file differs from the hash in the lock.
    HashMismatch,
    SecretMissing,
    /// The Dockerfile itself is wrong.
    Dockerfile,
    /// A command ended with this exit code.
    Command {
        /// Its exit code.
        code: i64,
    },
    /// A package has no wheel, and nobody agreed to run its own build code.
    NoWheel,
    /// A framework of the image can't be imported.
    NotImported {
        /// The framework's ID.
        framework: String,
        /// `ImportError: …`
        error: String,
    },
    /// No known cause.
    Other,
}

impl BuildFailure {
    /// The actions that the user can take, one in each line.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        let hint = match &self.cause {
            BuildCause::Certificate => {
                "name the certificate authority of your network: `[network] ca-certificates = [\"/path/to/ca.crt\"]`"
                    .into()
            }
            BuildCause::Proxy => "check `[network] proxy` and the proxy variables of this shell".into(),
            BuildCause::Unreachable { host: Some(host) } => {
                format!("check that this machine reaches `{host}`, or set a mirror or proxy in `[network]`")
            }
            BuildCause::Unreachable { host: None } => {
                "check the network, or set a mirror or proxy in `[network]`".into()
            }
            BuildCause::DiskFull => "free space: `envctl down --image` removes an environment and its image".into(),
            BuildCause::Killed => "give the build more memory, or stop what else uses it".into(),
            BuildCause::NoSuchVersion { requirement } => {
                format!("ask for a version of `{requirement}` that the index has, or name the index that has it")
            }
            BuildCause::NoSuchPackage { package } => {
                format!("correct `{package}` in `[system] packages`: this base has no package of that name")
            }
            BuildCause::HashMismatch => {
                "resolve again with `envctl lock --upgrade` if the index changed for a good reason".into()
            }
            BuildCause::NoWheel => {
                "`envctl lock --upgrade` locks how it is built; where only its code says what it needs, that takes \
                 `--allow package-builds`"
                    .into()
            }
            BuildCause::SecretMissing => "check the files and variables in `[build] secrets`".into(),
            BuildCause::Dockerfile => {
                "look at it with `envctl render`; your own lines are in `[build] append` and `run`".into()
            }
            BuildCause::NotImported { error, .. } => match find_missing_library(error) {
                Some(library) => {
                    format!("add the distribution's package that has `{library}` to `[system] packages`")
                }
                None => return Vec::new(),
            },
            BuildCause::Command { .. } | BuildCause::Other => return Vec::new(),
        };
        vec![hint]
    }
}

impl fmt::Display for BuildFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the build failed at `{}`", shorten_text(&self.step))?;
        if let Some(line) = self.line {
            write!(f, " (line {line} of the Dockerfile)")?;
        }
        let reason = shorten_text(self.reason.lines().next().unwrap_or_default());
        match &self.cause {
            BuildCause::Certificate => f.write_str(": a TLS certificate is not trusted there"),
            BuildCause::Proxy => f.write_str(": the proxy can't be used"),
            BuildCause::Unreachable { host: Some(host) } => write!(f, ": `{host}` can't be reached"),
            BuildCause::Unreachable { host: None } => f.write_str(": the network can't be reached"),
            BuildCause::DiskFull => f.write_str(": the disk is full"),
            BuildCause::Killed => f.write_str(": the command was killed"),
            BuildCause::NoSuchVersion { requirement } => write!(f, ": the index has nothing for `{requirement}`"),
            BuildCause::NoSuchPackage { package } => write!(f, ": the distribution has no package `{package}`"),
            BuildCause::HashMismatch => f.write_str(": a download differs from what the lock names"),
            BuildCause::NoWheel => f.write_str(": a package has no wheel and would have to be built from source"),
            BuildCause::NotImported { framework, error } => {
                write!(f, ": `{framework}` can't be imported: {}", shorten_text(error))
            }
            BuildCause::SecretMissing => f.write_str(": a build secret is missing"),
            BuildCause::Command { code } => write!(f, ": the command ended with exit code {code}"),
            BuildCause::Dockerfile | BuildCause::Other => write!(f, ": {reason}"),
        }
    }
}

impl BuildCause {
    /// Finds the cause in the builder's message and the step's last lines. The first line with a known pattern
    /// decides. But a full disk, a kill and a certificate come first, because they cause other failures.
    #[must_use]
    pub fn of(reason: &str, log: &[String]) -> Self {
        let lines = || log.iter().map(String::as_str).chain(reason.lines());
        let any = |words: &[&str]| lines().any(|line| words.iter().any(|&word| line.contains(word)));
        if let Some((framework, error)) = lines().find_map(find_failed_import) {
            return Self::NotImported { framework, error };
        }
        if any(&["dockerfile parse error", "unknown instruction", "Dockerfile: no such file"]) {
            return Self::Dockerfile;
        }
        if any(&["no space left on device", "No space left on device", "os error 28", "Disk quota exceeded"]) {
            return Self::DiskFull;
        }
        if any(CERTIFICATE) {
            return Self::Certificate;
        }
        if any(PROXY) {
            return Self::Proxy;
        }
        if any(UNREACHABLE) {
            return Self::Unreachable { host: lines().find_map(unreachable_host) };
        }
        if any(&["THESE PACKAGES DO NOT MATCH THE HASHES", "Hash mismatch", "Hash Sum mismatch"]) {
            return Self::HashMismatch;
        }
        if any(&["building from source is disabled", "Building source distributions is disabled"]) {
            return Self::NoWheel;
        }
        if let Some(requirement) = lines().find_map(missing_requirement) {
            return Self::NoSuchVersion { requirement };
        }
        if let Some(package) = lines().find_map(missing_package) {
            return Self::NoSuchPackage { package };
        }
        if reason.contains("secret ") && reason.contains("not found") {
            return Self::SecretMissing;
        }
        match exit_code(reason) {
            Some(137) => Self::Killed,
            Some(code) => Self::Command { code },
            None => Self::Other,
        }
    }
}

const CERTIFICATE: &[&str] = &[
    "CERTIFICATE_VERIFY_FAILED",
    "certificate verify failed",
    "SSL certificate problem",
    "invalid peer certificate",
    "UnknownIssuer",
    "x509: certificate",
    "certificate signed by unknown authority",
    "The certificate is NOT trusted",
    "server certificate verification failed",
];

const PROXY: &[&str] = &[
    "ProxyError",
    "Cannot connect to proxy",
    "Could not resolve proxy",
    "Proxy Authentication Required",
    "proxyconnect tcp",
    "Received HTTP code 407 from proxy",
    "tunnel error: unsuccessful",
    "Invalid response from proxy",
    "Could not connect to proxy",
];

const UNREACHABLE: &[&str] = &[
    "Temporary failure in name resolution",
    "Temporary failure resolving",
    "Name or service not known",
    "Could not resolve host",
    "Could not resolve '",
    "failed to lookup address information",
    "no such host",
    "Network is unreachable",
    "Could not connect to ",
    "Failed to connect to ",
    "Connection refused",
    "connection refused",
    "i/o timeout",
    "Connection timed out",
    "dns error",
];

/// The line of the build's own check: ``envctl: the import of `pytorch` failed: ImportError: …``.
fn find_failed_import(line: &str) -> Option<(String, String)> {
    let (framework, error) = line.strip_prefix("envctl: the import of `")?.split_once("` failed: ")?;
    Some((framework.to_owned(), error.to_owned()))
}

/// `ImportError: libGL.so.1: cannot open shared object file: No such file or directory` → `libGL.so.1`
fn find_missing_library(error: &str) -> Option<String> {
    let (before, _) = error.split_once(": cannot open shared object file")?;
    before.rsplit(' ').next().map(str::to_owned)
}

/// Returns the host that curl, apt, git, pip, uv or Go names in this line.
fn unreachable_host(line: &str) -> Option<String> {
    let between = |before: &str, stop: &[char]| {
        let rest = &line[line.find(before)? + before.len()..];
        let host = rest.split(|c: char| stop.contains(&c) || c.is_whitespace()).next()?;
        let host = host.trim_matches(|c| matches!(c, '\'' | '"' | '`'));
        (host.contains('.') || host == "localhost").then(|| host.to_owned())
    };
    between("Could not resolve host: ", &[])
        .or_else(|| between("Could not resolve '", &['\'']))
        .or_else(|| between("Temporary failure resolving '", &['\'']))
        .or_else(|| between("dial tcp: lookup ", &[':']))
        .or_else(|| between("Could not connect to ", &[':', '(', ' ']))
        .or_else(|| between("Failed to connect to ", &[' ']))
        .or_else(|| between("HTTPSConnectionPool(host='", &['\'']))
        .or_else(|| between("HTTPConnectionPool(host='", &['\'']))
        .or_else(|| between("for url (https://", &['/', ')', ':']))
        .or_else(|| between("`https://", &['/', '`', ':']))
        .or_else(|| between("`http://", &['/', '`', ':']))
}

/// pip: `No matching distribution found for X`; uv: `Because there is no version of X and you require X, …` and
/// `Because X was not found in the package registry`.
fn missing_requirement(line: &str) -> Option<String> {
    let after = |before: &str| Some(line[line.find(before)? + before.len()..].trim().to_owned());
    let until = |before: &str, end: &str| {
        let rest = after(before)?;
        Some(rest[..rest.find(end)?].to_owned())
    };
    let word = |text: String| text.split_whitespace().next().map(str::to_owned);
    after("No matching distribution found for ")
        .and_then(word)
        .or_else(|| until("there is no version of ", " and you require"))
        .or_else(|| until("ecause ", " was not found in the package registry"))
        .or_else(|| until("ecause only the following versions of ", " are available"))
}

/// apt: `E: Unable to locate package X`, `E: Package 'X' has no installation candidate`,
/// `E: Version '1' for 'X' was not found`.
fn missing_package(line: &str) -> Option<String> {
    if let Some((_, package)) = line.split_once("E: Unable to locate package ") {
        return Some(package.trim().to_owned());
    }
    let quoted = |text: &str| text.split(['\'', '"']).nth(1).map(str::to_owned);
    if let Some((before, _)) = line.split_once(" has no installation candidate") {
        return quoted(before);
    }
    let (before, _) = line.split_once(" was not found")?;
    let (version, package) = before.strip_prefix("E: Version ")?.split_once(" for ")?;
    Some(format!("{}={}", package.trim_matches(['\'', '"', ' ']), version.trim_matches(['\'', '"', ' '])))
}

/// `executor failed running [/bin/sh -c …]: exit code: 7`, `process "…" did not complete successfully: exit code: 7`.
fn exit_code(reason: &str) -> Option<i64> {
    let (_, rest) = reason.rsplit_once("exit code: ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Shortens a step to one line of a terminal; the whole text is in the Dockerfile.
fn shorten_text(text: &str) -> String {
    const WIDTH: usize = 100;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= WIDTH {
        return line;
    }
    line.chars().take(WIDTH - 1).chain(['…']).collect()
}

/// Returns the line of a Dockerfile, from 1, where a builder's step (`[builder 3/7] RUN …`) begins.
///
/// The builder joins continued lines and drops comments; runs of blanks count as one. If the builder rewrote a step's
/// text (variables inserted), the first instruction with the same beginning is the result.
#[must_use]
pub fn dockerfile_line(dockerfile: &str, step: &str) -> Option<usize> {
    let wanted = squeeze_blanks(step_instruction(step));
    let instructions = list_instructions(dockerfile);
    let exact = instructions.iter().find(|(_, text)| *text == wanted);
    let (line, _) = exact.or_else(|| {
        let common = |text: &str| text.chars().zip(wanted.chars()).take_while(|(a, b)| a == b).count();
        let best = instructions.iter().max_by_key(|(line, text)| (common(text), std::cmp::Reverse(*line)))?;
        let keyword = wanted.split(' ').next().map_or(0, |word| word.chars().count());
        (common(&best.1) > keyword + 1).then_some(best)
    })?;
    Some(*line)
}

/// `[stage-1 3/7] RUN x` → `RUN x`
fn step_instruction(step: &str) -> &str {
    if !step.starts_with('[') {
        return step;
    }
    step.split_once("] ").map_or(step, |(_, instruction)| instruction)
}

/// Returns the logical lines of a Dockerfile, each with the number of its first physical line.
fn list_instructions(dockerfile: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in dockerfile.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (text, goes_on) = trimmed.strip_suffix('\\').map_or((trimmed, false), |text| (text, true));
        let (start, mut joined) = open.take().unwrap_or((index + 1, String::new()));
        joined.push_str(text);
        joined.push(' ');
        if goes_on {
            open = Some((start, joined));
        } else {
            found.push((start, squeeze_blanks(&joined)));
        }
    }
    found.extend(open.map(|(start, joined)| (start, squeeze_blanks(&joined))));
    found
}

/// Puts one blank between words and writes the instruction in upper case.
fn squeeze_blanks(text: &str) -> String {
    let mut words = text.split_whitespace();
    let keyword = words.next().unwrap_or_default().to_uppercase();
    std::iter::once(keyword.as_str()).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
