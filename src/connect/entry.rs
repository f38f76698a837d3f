//! One `Host` block of an SSH configuration, and the options that say the same on a command line. Pure.

use std::fmt::Write;
use std::path::Path;

use super::{ConnectError, Endpoint};

/// The options that lead a client to the environment, in the configuration's own spelling.
pub fn options(endpoint: &Endpoint) -> Result<Vec<(&'static str, String)>, ConnectError> {
    let mut options = vec![
        ("HostName", endpoint.address.to_string()),
        ("Port", endpoint.port.to_string()),
        ("User", quote(&endpoint.user)?),
        ("HostKeyAlias", endpoint.id.clone()),
        ("UserKnownHostsFile", quote_path(&endpoint.known_hosts)?),
        ("StrictHostKeyChecking", "yes".to_owned()),
    ];
    for identity in &endpoint.identities {
        options.push(("IdentityFile", quote_path(identity)?));
    }
    Ok(options)
}

/// The block, aliases first.
pub fn block(endpoint: &Endpoint) -> Result<String, ConnectError> {
    let mut text = format!("Host {}", endpoint.id);
    if let Some(alias) = &endpoint.alias {
        text.push(' ');
        text.push_str(alias);
    }
    text.push('\n');
    for (key, value) in options(endpoint)? {
        writeln!(text, "  {key} {value}").expect("a String takes every write");
    }
    Ok(text)
}

/// A value in the configuration's quotes. Older clients know no escapes inside them, so what would need one is refused.
pub fn quote(value: &str) -> Result<String, ConnectError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@:+,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return Ok(value.to_owned());
    }
    if value.is_empty() || value.chars().any(|c| c.is_control() || c == '"' || c == '\\') {
        return Err(ConnectError::Unquotable { value: value.to_owned() });
    }
    Ok(format!("\"{value}\""))
}

/// A path: clients expand `%` and `${…}` in it, and the second can't be escaped.
pub fn quote_path(path: &Path) -> Result<String, ConnectError> {
    let refused = || ConnectError::Unquotable { value: path.display().to_string() };
    let text = path.to_str().filter(|text| !text.contains("${")).ok_or_else(refused)?;
    quote(&text.replace('%', "%%"))
}

#[cfg(test)]
pub(super) fn sample() -> Endpoint {
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block() {
        let mut endpoint = sample();
        endpoint.identities = vec!["/home/ada/my keys/50%".into()];
        insta::assert_snapshot!(block(&endpoint).unwrap(), @r#"
        Host lab-1a2b3c4d lab
          HostName 127.0.0.1
          Port 2222
          User ada
          HostKeyAlias lab-1a2b3c4d
          UserKnownHostsFile /home/ada/.local/state/envctl/known_hosts
          StrictHostKeyChecking yes
          IdentityFile "/home/ada/my keys/50%%"
        "#);
    }

    #[test]
    fn what_no_client_could_read_is_refused() {
        for value in ["a\nProxyCommand evil", "a\"b", "", "a\\b"] {
            assert!(quote(value).is_err(), "{value:?}");
        }
        assert!(quote_path(Path::new("/home/${USER}/x")).is_err());
        assert_eq!(quote("a b#c").unwrap(), "\"a b#c\"");
    }
}
