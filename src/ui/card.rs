//! The card at the end of `up`: how to enter the environment, from this computer and from another one.
//!
//! It also lists the values that `PyCharm` and VS Code ask for.

use crate::connect::Endpoint;
use crate::connect::install::Installed;
use crate::connect::jump::Jump;

use super::Paint;

/// Returns the whole card, for standard output.
#[must_use]
pub fn card(endpoint: &Endpoint, jump: &Jump, paint: Paint) -> String {
    let name = endpoint.name();
    let title = |text: &str| paint.bold(text);
    let workspace = endpoint.workspace.as_deref();
    let folder = workspace.map_or_else(|| "the home directory".to_owned(), str::to_owned);
    let mapping = workspace
        .map(|inside| format!("\n  Path mapping    {} -> {inside}", endpoint.project.display()))
        .unwrap_or_default();
    format!(
        "\
{here}
  {command}

{there}
  Put this at the top of its ~/.ssh/config (on Windows %USERPROFILE%\\.ssh\\config), then `ssh {name}`:

{block}
  Its public key has to be in this host's ~/.ssh/authorized_keys; run `envctl up` again after adding it.
  The host key to expect: {fingerprint}

{pycharm}
  Host            {address}, port {port}, user {user}; from another computer: host {name}, \"OpenSSH config\"
  Interpreter     {interpreter}{mapping}

{code}
  Connect to      {name}
  Open            {folder}
  Interpreter     {interpreter}
",
        here = title("On this computer"),
        command = endpoint.command,
        there = title("On another computer"),
        block = block(endpoint, jump),
        fingerprint = endpoint.fingerprint,
        pycharm = title("PyCharm (SSH interpreter)"),
        address = endpoint.address,
        port = endpoint.port,
        user = endpoint.user,
        interpreter = endpoint.interpreter,
        code = title("VS Code (Remote - SSH)"),
    )
}

/// Describes the state of the user's SSH configuration, if the user has to know it.
#[must_use]
pub fn note(name: &str, installed: &Installed) -> Option<String> {
    let without = format!("`ssh {name}` is not set up; `envctl ssh` works");
    match installed {
        Installed::Yes { kept } => {
            let kept = kept.as_ref()?.display();
            Some(format!("envctl's own SSH file had something in it that envctl did not write; it is kept as `{kept}`"))
        }
        Installed::ReadOnly { path } => Some(format!("`{}` is read-only, so {without}", path.display())),
        Installed::Unquotable { value } => {
            Some(format!("`{}` can't be written in an SSH configuration, so {without}", crate::text::escaped(value)))
        }
    }
}

/// Returns the block for another computer's configuration. A server that listens only on loopback is reached through
/// this host.
#[must_use]
pub fn block(endpoint: &Endpoint, jump: &Jump) -> String {
    let (host, way) = if endpoint.address.is_loopback() {
        (endpoint.address.to_string(), format!("    ProxyJump {}\n", jump.destination()))
    } else {
        (endpoint.address.to_string(), String::new())
    };
    format!(
        "  Host {}\n    HostName {host}\n    Port {}\n    User {}\n    HostKeyAlias {}\n    ForwardAgent no\n{way}",
        endpoint.name(),
        endpoint.port,
        endpoint.user,
        endpoint.id,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> Endpoint {
        Endpoint {
            id: "lab-1a2b3c4d".to_owned(),
            alias: Some("lab".to_owned()),
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            port: 23456,
            user: "ada".to_owned(),
            interpreter: "/opt/envctl/venv/bin/python".to_owned(),
            project: "/srv/lab".into(),
            workspace: Some("/workspace".to_owned()),
            fingerprint: "SHA256:abc".to_owned(),
            known_hosts: "/home/ada/known_hosts".into(),
            identities: Vec::new(),
            command: "ssh lab".to_owned(),
        }
    }

    #[test]
    fn everything_a_person_elsewhere_needs() {
        let jump = Jump { user: "ada".to_owned(), host: "gpu1.example".to_owned(), port: None };
        insta::assert_snapshot!(card(&endpoint(), &jump, Paint(false)), @r#"
        On this computer
          ssh lab

        On another computer
          Put this at the top of its ~/.ssh/config (on Windows %USERPROFILE%\.ssh\config), then `ssh lab`:

          Host lab
            HostName 127.0.0.1
            Port 23456
            User ada
            HostKeyAlias lab-1a2b3c4d
            ForwardAgent no
            ProxyJump ada@gpu1.example

          Its public key has to be in this host's ~/.ssh/authorized_keys; run `envctl up` again after adding it.
          The host key to expect: SHA256:abc

        PyCharm (SSH interpreter)
          Host            127.0.0.1, port 23456, user ada; from another computer: host lab, "OpenSSH config"
          Interpreter     /opt/envctl/venv/bin/python
          Path mapping    /srv/lab -> /workspace

        VS Code (Remote - SSH)
          Connect to      lab
          Open            /workspace
          Interpreter     /opt/envctl/venv/bin/python
        "#);
    }

    #[test]
    fn a_server_for_the_network_needs_no_jump() {
        let mut endpoint = endpoint();
        endpoint.address = "192.0.2.7".parse().unwrap();
        let jump = Jump { user: "ada".to_owned(), host: "gpu1".to_owned(), port: None };
        assert!(!block(&endpoint, &jump).contains("ProxyJump"));
        assert!(block(&endpoint, &jump).contains("HostName 192.0.2.7"));
    }
}
