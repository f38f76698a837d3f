//! A package index on this machine with the content that a test gives it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// Who vouches for its certificate. The authority's key was thrown away; the server's opens nothing but 127.0.0.1.
pub const CA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/renew/ca.pem");
const CERT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/renew/server.pem");
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/renew/server.key");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/renew/index.py");

/// One wheel, without its contents: its METADATA lies beside it.
pub struct Wheel {
    package: &'static str,
    listed: Value,
}

/// A wheel for Python 3.12 on x86-64.
pub fn wheel(package: &'static str, version: &str, day: &str, requires: &[&str]) -> Wheel {
    let file = format!("{package}-{version}-cp312-cp312-manylinux_2_28_x86_64.whl");
    let mut metadata = format!("Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n");
    metadata.extend(requires.iter().map(|line| format!("Requires-Dist: {line}\n")));
    Wheel { package, listed: json!({"file": file, "uploaded": format!("{day}T12:00:00Z"), "metadata": metadata}) }
}

impl Wheel {
    /// On an index that tells no upload times, has no METADATA beside its wheels, and gives no parts of a file.
    pub fn plain(mut self) -> Self {
        self.listed["plain"] = true.into();
        self
    }
}

/// The index, until it is dropped.
pub struct Shelf {
    server: Child,
    folder: tempfile::TempDir,
    url: String,
}

impl Shelf {
    /// Over HTTP.
    pub fn of(wheels: &[Wheel]) -> Self {
        Self::serve("http", wheels, &[])
    }

    /// Over HTTPS, with a certificate that nobody knows.
    pub fn with_tls(wheels: &[Wheel]) -> Self {
        Self::serve("https", wheels, &[CERT, KEY])
    }

    fn serve(scheme: &str, wheels: &[Wheel], certificate: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut index = json!({});
        for Wheel { package, listed } in wheels {
            let name = package.replace('_', "-");
            let page = index.as_object_mut().unwrap().entry(name).or_insert_with(|| json!([]));
            page.as_array_mut().unwrap().push(listed.clone());
        }
        let listing = folder.path().join("index.json");
        std::fs::write(&listing, index.to_string()).unwrap();
        let mut server = Command::new("python3")
            .arg(SCRIPT)
            .arg(listing)
            .arg(folder.path().join("log"))
            .args(certificate)
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs: `envctl setup` installs it");
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let url = format!("{scheme}://127.0.0.1:{}/simple", port.trim());
        Self { server, folder, url }
    }

    /// What pip is pointed at.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Puts a file beside the index and says where it is.
    pub fn put(&self, name: &str, bytes: &[u8]) -> String {
        let folder = self.folder.path().join("static");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), bytes).unwrap();
        self.url.replace("/simple", &format!("/static/{name}"))
    }

    /// The requests so far, a line each.
    pub fn asked(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
