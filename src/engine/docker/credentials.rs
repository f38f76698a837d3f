//! Registry logins, as `docker login` stores them in the docker client's `config.json`.
//!
//! They are read only before a registry is asked. A login that cannot be read counts as missing: the registry's own
//! refusal explains more than a broken helper does.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use bollard::auth::DockerCredentials;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;

use crate::files;
use crate::system::async_command;

/// The key of the default registry's login.
const DEFAULT_REGISTRY: &str = "https://index.docker.io/v1/";

/// The location of the logins.
#[derive(Debug)]
pub(super) struct Credentials {
    directory: PathBuf,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LoginConfiguration {
    auths: BTreeMap<String, Login>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "lowercase")]
struct Login {
    auth: String,
    identitytoken: String,
}

/// The output of a credential helper.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: String,
}

impl Credentials {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Returns the login for the registry of an image reference.
    pub(super) async fn of_reference(&self, reference: &str) -> Option<DockerCredentials> {
        let configuration = self.configuration();
        find_login(&configuration, registry_of(reference)).await
    }

    /// Returns the logins for all registries that a Dockerfile names, by registry.
    pub(super) async fn of_dockerfile(&self, dockerfile: &str) -> HashMap<String, DockerCredentials> {
        let configuration = self.configuration();
        let mut found = HashMap::new();
        for reference in list_images(dockerfile) {
            let registry = registry_of(reference);
            if !found.contains_key(registry)
                && let Some(login) = find_login(&configuration, registry).await
            {
                found.insert(registry.to_owned(), login);
            }
        }
        found
    }

    fn configuration(&self) -> LoginConfiguration {
        read(&self.directory.join("config.json")).unwrap_or_default()
    }
}

fn read(path: &Path) -> Option<LoginConfiguration> {
    serde_json::from_str(&files::read_text(path, files::TEXT).ok()?).ok()
}

async fn find_login(configuration: &LoginConfiguration, registry: &str) -> Option<DockerCredentials> {
    let helper = configuration.cred_helpers.get(registry).unwrap_or(&configuration.creds_store);
    if !helper.is_empty() {
        return ask_helper(helper, registry).await;
    }
    let bare = registry.trim_start_matches("https://").split('/').next()?;
    let login = configuration.auths.get(registry).or_else(|| {
        let same = |key: &&String| key.trim_start_matches("https://").split('/').next() == Some(bare);
        configuration.auths.iter().find(|(key, _)| same(key)).map(|(_, login)| login)
    })?;
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    if login.auth.is_empty() && login.identitytoken.is_empty() {
        return None;
    }
    let (username, password) = decode_login(&login.auth).unwrap_or_default();
    Some(DockerCredentials {
        username: filled(&username),
        password: filled(&password),
        identitytoken: filled(&login.identitytoken),
        serveraddress: Some(registry.to_owned()),
        ..DockerCredentials::default()
    })
}

/// Runs `docker-credential-HELPER get` with the registry on standard input.
async fn ask_helper(helper: &str, registry: &str) -> Option<DockerCredentials> {
    let mut child = async_command(format!("docker-credential-{helper}"))
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(registry.as_bytes()).await.ok()?;
    let output = child.wait_with_output().await.ok().filter(|output| output.status.success())?;
    let Helped { username, secret } = serde_json::from_slice(&output.stdout).ok()?;
    let server = Some(registry.to_owned());
    // With this name the helper marks a token of the registry, not a password.
    if username == "<token>" {
        return Some(DockerCredentials {
            identitytoken: Some(secret),
            serveraddress: server,
            ..DockerCredentials::default()
        });
    }
    Some(DockerCredentials {
        username: Some(username),
        password: Some(secret),
        serveraddress: server,
        ..DockerCredentials::default()
    })
}

/// Decodes `USER:PASSWORD` in base64, padded or not.
fn decode_login(auth: &str) -> Option<(String, String)> {
    let text = String::from_utf8(BASE64.decode(auth.trim_end_matches('=')).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.trim_end_matches('\0').to_owned()))
}

/// Lists the images that a Dockerfile starts from or copies from.
fn list_images(dockerfile: &str) -> impl Iterator<Item = &str> {
    dockerfile.lines().flat_map(|line| {
        let mut words = line.split_whitespace();
        let base = words.next().filter(|word| word.eq_ignore_ascii_case("from"));
        let base = base.and_then(|_| words.find(|word| !word.starts_with("--")));
        let from = line.split(['=', ',', ' ']).zip(line.split(['=', ',', ' ']).skip(1));
        let from = from.filter(|(key, _)| matches!(*key, "from" | "--from")).map(|(_, image)| image);
        base.into_iter().chain(from)
    })
}

/// `ghcr.io/a/b:1` → `ghcr.io`; `debian:12` → the default registry.
fn registry_of(reference: &str) -> &str {
    match reference.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => match host {
            "docker.io" | "index.docker.io" => DEFAULT_REGISTRY,
            host => host,
        },
        _ => DEFAULT_REGISTRY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_its_registry() {
        assert_eq!(registry_of("ghcr.io/a/b:1"), "ghcr.io");
        assert_eq!(registry_of("localhost:5000/a"), "localhost:5000");
        assert_eq!(registry_of("debian:12"), DEFAULT_REGISTRY);
        assert_eq!(registry_of("docker.io/library/debian"), DEFAULT_REGISTRY);
    }

    #[test]
    fn a_dockerfile_names_its_images() {
        let dockerfile = "FROM --platform=linux/amd64 ghcr.io/a:1 AS x\nRUN --mount=type=bind,from=quay.io/b,target=/b true\nCOPY --from=c.example/c /a /b\n";
        let found: Vec<_> = list_images(dockerfile).collect();
        assert_eq!(found, ["ghcr.io/a:1", "quay.io/b", "c.example/c"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_login_is_decoded() {
        let text = r#"{"auths":{"ghcr.io":{"auth":"YWRhOmxvdmU6bGFjZQ=="}}}"#;
        let configuration: LoginConfiguration = serde_json::from_str(text).unwrap();
        let found = find_login(&configuration, "ghcr.io").await.unwrap();
        assert_eq!((found.username.as_deref(), found.password.as_deref()), (Some("ada"), Some("love:lace")));
        assert!(find_login(&configuration, "quay.io").await.is_none());
        assert_eq!(decode_login("YWRhOmxvdmU6bGFjZQ"), decode_login("YWRhOmxvdmU6bGFjZQ=="));
        assert_eq!(decode_login("YWRh:"), None);
    }
}
