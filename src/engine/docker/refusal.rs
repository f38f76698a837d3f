//! Classifies an engine's refusal by its text.
//!
//! The engine's HTTP status says little (a taken port and a missing GPU are both 500), so the text decides. The texts
//! differ between versions; the tests hold a captured text for each pattern here.

use crate::engine::EngineError;

/// The request that the engine refused.
#[derive(Clone, Copy, Debug)]
pub struct RefusedRequest<'a> {
    /// `create the container`
    pub action: &'a str,
    pub subject: RequestSubject<'a>,
}

/// The subject of a request, by its name.
#[derive(Clone, Copy, Debug)]
pub enum RequestSubject<'a> {
    /// The engine itself.
    Engine,
    Container(&'a str),
    Image(&'a str),
    Volume(&'a str),
    Network(&'a str),
}

impl<'a> RequestSubject<'a> {
    /// The name of the subject; empty for the engine itself.
    #[must_use]
    pub fn name(self) -> &'a str {
        match self {
            Self::Engine => "",
            Self::Container(name) | Self::Image(name) | Self::Volume(name) | Self::Network(name) => name,
        }
    }
}

/// Turns a refusal's text into an error.
#[must_use]
pub fn classify_refusal(text: &str, asked: RefusedRequest<'_>) -> EngineError {
    let reason = innermost_cause(text);
    let subject = asked.subject.name().to_owned();
    if text.contains("no space left on device") {
        return EngineError::DiskFull { reason };
    }
    if let Some(port) = taken_port(text) {
        return EngineError::PortTaken { port, reason };
    }
    if text.contains("is already in use by container") || text.contains("that name is already in use") {
        return EngineError::NameTaken {
            name: quoted_name(text).unwrap_or(&subject).trim_start_matches('/').to_owned(),
        };
    }
    if let Some(path) = text_after(text, "bind source path does not exist: ") {
        return EngineError::MountMissing { path: path.to_owned() };
    }
    if let Some(rest) = text_after(text, "error gathering device information while adding custom device ") {
        return EngineError::DeviceMissing { path: quoted_name(rest).unwrap_or(rest).to_owned() };
    }
    if lacks_gpu(text) {
        return EngineError::NoGpu { reason };
    }
    if let Some(limit) = refused_limit(text) {
        return EngineError::UlimitRefused { limit, reason };
    }
    if lacks_network(&reason) {
        return EngineError::NetworkMissing { container: subject, reason };
    }
    if text.contains("address pool among the defaults") || text.contains("address pools have been fully subnetted") {
        return EngineError::NoAddresses { reason };
    }
    if let Some(name) = text_after(text, "No such container: ") {
        return EngineError::NoContainer { name: name.to_owned() };
    }
    if text.contains("is not running") || text.contains("is paused, unpause") {
        return EngineError::NotRunning { name: subject };
    }
    if text.contains("volume is in use") || text.contains("conflict: unable to") {
        return EngineError::InUse { what: subject, reason };
    }
    // The builder writes `name:tag: not found`.
    if lacks_image(text)
        || matches!(asked.subject, RequestSubject::Image(_)) && text.trim_end().ends_with(": not found")
    {
        return EngineError::NoImage { reference: subject, reason };
    }
    if matches!(asked.subject, RequestSubject::Image(_)) && lacks_registry(text) {
        return EngineError::RegistryUnreachable { reference: subject, reason };
    }
    if let Some((command, code)) = not_run(text) {
        return EngineError::CommandNotRun { command: command.unwrap_or(&subject).to_owned(), reason, code };
    }
    EngineError::Refused { action: asked.action.to_owned(), reason }
}

/// Recognises `exec: "nope": executable file not found in $PATH` and similar texts. Returns the command, if the text
/// names it, and the exit code that a shell would give.
#[must_use]
pub fn not_run(text: &str) -> Option<(Option<&str>, i64)> {
    if let Some(rest) = text_after(text, "exec: \"") {
        let command = rest.split('"').next();
        let missing = rest.contains("executable file not found") || rest.contains("no such file or directory");
        return Some((command, if missing { 127 } else { 126 }));
    }
    let refused = ["exec failed: ", "unable to find user ", "unable to find group "];
    refused.iter().any(|words| text.contains(words)).then_some((None, 126))
}

/// Returns the host port in one of the four forms that engines use.
fn taken_port(text: &str) -> Option<String> {
    if let Some(rest) = text_after(text, "Bind for ") {
        let (port, why) = rest.split_once(" failed: ")?;
        return why.starts_with("port is already allocated").then(|| port.to_owned());
    }
    if !text.contains("address already in use") {
        return None;
    }
    let address = text_after(text, "listen tcp4 ")
        .or_else(|| text_after(text, "listen tcp6 "))
        .or_else(|| text_after(text, "listen udp4 "))
        .or_else(|| text_after(text, "listen udp6 "))
        .or_else(|| text_after(text, "listen tcp "))
        .or_else(|| text_after(text, "listen udp "))
        .or_else(|| text_after(text, "failed to bind host port for "))
        .or_else(|| text_after(text, "failed to bind host port "))?;
    let address = address.split([' ', '/']).next()?.trim_end_matches(':');
    // `127.0.0.1:80:172.17.0.2:80` also names the container's side.
    let mut parts = address.split(':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(host), Some(port), Some(_)) if host.contains('.') => Some(format!("{host}:{port}")),
        _ => Some(address.to_owned()),
    }
}

fn lacks_gpu(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "could not select device driver",
        "nvidia-container-cli",
        "nvidia-container-runtime",
        "unresolvable CDI devices",
        "CDI device injection failed",
        "failed to inject CDI devices",
        "unknown or invalid runtime name: nvidia",
        "Unknown runtime specified nvidia",
        "libnvidia-ml.so",
    ];
    WORDS.iter().any(|&word| text.contains(word))
}

/// Recognises `network envctl not found`, `could not find a network matching network mode envctl: …` and `network
/// envctl is ambiguous (2 matches found on name)`. The last one appears for a moment when two processes create the
/// network together.
fn lacks_network(text: &str) -> bool {
    let gone = text.ends_with(" not found") || text.contains(" is ambiguous");
    text.starts_with("network ") && gone || text.contains("could not find a network matching network mode")
}

fn lacks_image(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "No such image",
        "manifest unknown",
        "repository does not exist",
        "pull access denied",
        "insufficient_scope",
        "requested access to the resource is denied",
        "no basic auth credentials",
        "name unknown",
        "unauthorized: ",
        "401 Unauthorized",
        "403 Forbidden",
    ];
    WORDS.iter().any(|&word| text.contains(word))
}

fn lacks_registry(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "no such host",
        "i/o timeout",
        "connection refused",
        "connection reset by peer",
        "TLS handshake timeout",
        "x509: ",
        "context deadline exceeded",
        "Client.Timeout exceeded",
        "proxyconnect tcp",
        "network is unreachable",
        "server gave HTTP response to HTTPS client",
    ];
    WORDS.iter().any(|&word| text.contains(word))
}

/// Returns the limit's name: from the number that runc prints (`error setting rlimit type 8`), or from the text of
/// newer versions.
fn refused_limit(text: &str) -> Option<String> {
    let rest = text_after(text, "error setting rlimit type ")
        .or_else(|| text_after(text, "error setting rlimits for ready process: "))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let names = [
        "cpu",
        "fsize",
        "data",
        "stack",
        "core",
        "rss",
        "nproc",
        "nofile",
        "memlock",
        "as",
        "locks",
        "sigpending",
        "msgqueue",
        "nice",
        "rtprio",
        "rttime",
    ];
    let name = digits.parse::<usize>().ok().and_then(|number| names.get(number));
    Some(name.map_or_else(|| rest.split(':').next().unwrap_or(rest).to_owned(), |&name| name.to_owned()))
}

fn text_after<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    text.find(words).map(|at| text[at + words.len()..].trim())
}

fn quoted_name(text: &str) -> Option<&str> {
    text.split('"').nth(1)
}

/// Returns the last layer of the engine's message that is still a sentence. The layers around it mean nothing to a
/// user.
#[must_use]
pub fn innermost_cause(text: &str) -> String {
    const WRAPPERS: &[&str] = &[
        "failed to create shim task: ",
        "failed to create task for container: ",
        "OCI runtime create failed: ",
        "OCI runtime exec failed: ",
        "exec failed: ",
        "runc create failed: ",
        "container_linux.go:380: starting container process caused: ",
        "failed to set up container networking: ",
        "Error response from daemon: ",
        "invalid mount config for type \"bind\": ",
        "unable to start container process: ",
        "error during container init: ",
    ];
    let mut rest = text.trim();
    while let Some(inner) = WRAPPERS.iter().find_map(|wrapper| rest.strip_prefix(wrapper)) {
        rest = inner;
    }
    // Only a hook's own message matters: `error running hook #0: …, stderr: Auto-detected mode as 'legacy'\n…`.
    if rest.starts_with("error running")
        && let Some(words) = text_after(rest, "stderr: ")
    {
        rest = words;
    }
    let lines =
        rest.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("Auto-detected mode as"));
    let joined = lines.collect::<Vec<_>>().join(" ");
    joined.trim_end_matches('.').trim_end_matches(": unknown").to_owned()
}

#[cfg(test)]
mod tests;
