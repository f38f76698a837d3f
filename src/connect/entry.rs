//! One `Host` block of an SSH configuration, and the same options for a command line. Pure.
//!
//! The first value of each keyword counts, and the block comes before the user's own settings. So it sets everything
//! that the connection depends on, and settings for all hosts cannot change it. A client refuses the whole
//! configuration because of one unknown word: keywords that OpenSSH 7.6 does not know follow an `IgnoreUnknown`. The
//! first value of that keyword counts too, so it also covers the words that the user's client ignores.

use std::fmt::Write;
use std::path::Path;

use super::{ConnectError, Endpoint};

/// A keyword of the configuration, and its value, quoted if necessary.
pub type ConfigKeyword = (&'static str, String);

/// Returns the settings that lead a client to the environment and to no other host.
pub fn way_keywords(endpoint: &Endpoint) -> Result<Vec<ConfigKeyword>, ConnectError> {
    let mut settings = vec![
        ("HostName", endpoint.address.to_string()),
        ("Port", endpoint.port.to_string()),
        ("User", quote_value(&endpoint.user)?),
        ("HostKeyAlias", endpoint.id.clone()),
        ("UserKnownHostsFile", quote_path(&endpoint.known_hosts)?),
    ];
    for identity in &endpoint.identities {
        settings.push(("IdentityFile", quote_path(identity)?));
    }
    settings.extend(fixed_keywords(&HOST_KEY));
    Ok(settings)
}

/// Returns the settings that override the user's settings for all hosts and keep the user's agent out of the
/// container.
#[must_use]
pub fn guard_keywords(endpoint: &Endpoint) -> Vec<ConfigKeyword> {
    let any = if endpoint.address.is_ipv4() { "0.0.0.0" } else { "::" };
    fixed_keywords(&GUARDS).chain([("BindAddress", any.to_owned())]).collect()
}

/// The host key is known, and no other source may confirm it.
const HOST_KEY: [(&str, &str); 8] = [
    ("StrictHostKeyChecking", "yes"),
    ("GlobalKnownHostsFile", "/dev/null"),
    ("HostKeyAlgorithms", "ssh-ed25519"),
    ("RevokedHostKeys", "none"),
    ("NoHostAuthenticationForLocalhost", "no"),
    ("CheckHostIP", "no"),
    ("VerifyHostKeyDNS", "no"),
    ("UpdateHostKeys", "no"),
];

/// `+` means the client's own list. All keys of the agent are offered, because users connect with different agents,
/// and the server permits many attempts.
const GUARDS: [(&str, &str); 24] = [
    ("IgnoreUnknown", "*"),
    ("SessionType", "default"),
    ("StdinNull", "no"),
    ("ForkAfterAuthentication", "no"),
    ("AddressFamily", "any"),
    ("ProxyCommand", "none"),
    ("ProxyJump", "none"),
    ("ProxyUseFdpass", "no"),
    ("CanonicalizeHostname", "no"),
    ("KexAlgorithms", "+curve25519-sha256"),
    ("Ciphers", "+chacha20-poly1305@openssh.com"),
    ("PubkeyAcceptedKeyTypes", "+ssh-ed25519"),
    ("PubkeyAuthentication", "yes"),
    ("PreferredAuthentications", "publickey"),
    ("IdentitiesOnly", "no"),
    ("ForwardAgent", "no"),
    ("ForwardX11", "no"),
    ("ControlMaster", "no"),
    ("ControlPath", "none"),
    ("ControlPersist", "no"),
    ("RemoteCommand", "none"),
    ("RequestTTY", "auto"),
    ("PermitLocalCommand", "no"),
    ("Tunnel", "no"),
];

fn fixed_keywords(settings: &'static [(&str, &str)]) -> impl Iterator<Item = ConfigKeyword> {
    settings.iter().map(|(keyword, value)| (*keyword, (*value).to_owned()))
}

/// Returns the block, with the aliases first.
pub fn write_block(endpoint: &Endpoint) -> Result<String, ConnectError> {
    let mut text = format!("Host {}", endpoint.id);
    if let Some(alias) = &endpoint.alias {
        text.push(' ');
        text.push_str(alias);
    }
    text.push('\n');
    for (keyword, value) in way_keywords(endpoint)?.into_iter().chain(guard_keywords(endpoint)) {
        writeln!(text, "  {keyword} {value}").expect("a String takes every write");
    }
    Ok(text)
}

/// Puts a value in the configuration's quotes. Releases before 8.7 know no escapes in quotes, and later ones read
/// `\\`, `\"` and `\'`. A value that they would read differently is refused.
pub fn quote_value(value: &str) -> Result<String, ConnectError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@:+,%".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return Ok(value.to_owned());
    }
    let has_escape = value.ends_with('\\') || ["\\\\", "\\\"", "\\'"].iter().any(|escape| value.contains(escape));
    let unwritable = |c: char| (c.is_control() && c != '\t') || c == '"';
    if value.is_empty() || has_escape || value.chars().any(unwritable) {
        return Err(ConnectError::Unquotable { value: value.to_owned() });
    }
    Ok(format!("\"{value}\""))
}

/// Quotes a path. Clients expand `%` and `${…}` in it, and the second cannot be escaped.
pub fn quote_path(path: &Path) -> Result<String, ConnectError> {
    let refused = || ConnectError::Unquotable { value: path.display().to_string() };
    let text = path.to_str().filter(|text| !text.contains("${")).ok_or_else(refused)?;
    quote_value(&text.replace('%', "%%"))
}

#[cfg(test)]
pub(crate) fn sample() -> Endpoint {
    Endpoint {
        id: "lab-1a2b3c4d".to_owned(),
        alias: Some("lab".to_owned()),
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        port: 2222,
        user: "ada".to_owned(),
        interpreter: "/opt/envctl/venv/bin/python".to_owned(),
        project: "/srv/lab".into(),
        workspace: Some("/workspace".to_owned()),
        fingerprint: "SHA256:abc".to_owned(),
        known_hosts: "/home/ada/.local/state/envctl/known_hosts".into(),
        identities: Vec::new(),
        command: "ssh lab".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block() {
        let mut endpoint = sample();
        endpoint.identities = vec!["/home/ada/my keys/50%".into()];
        insta::assert_snapshot!(write_block(&endpoint).unwrap());
    }

    #[test]
    fn an_address_to_come_from_is_any_of_the_family() {
        let from = |address: &str| {
            let endpoint = Endpoint { address: address.parse().unwrap(), ..sample() };
            guard_keywords(&endpoint).pop().unwrap().1
        };
        assert_eq!(from("127.0.0.1"), "0.0.0.0");
        assert_eq!(from("2001:db8::7"), "::");
    }

    #[test]
    fn what_no_client_could_read_is_refused() {
        for value in ["a\nProxyCommand evil", "a\"b", "", "a\\\\b", "a\\", "a\\'b"] {
            assert!(quote_value(value).is_err(), "{value:?}");
        }
        assert!(quote_path(Path::new("/home/${USER}/x")).is_err());
        assert_eq!(quote_value("a b#c").unwrap(), "\"a b#c\"");
        assert_eq!(quote_value("a\\b\tc").unwrap(), "\"a\\b\tc\"");
    }
}
