//! An organisation's own rows: from a directory and from a URL, fetched once and used offline; refusals; own
//! frameworks.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;

const LABNET: &str = r#"
[framework]
id = "labnet"
package = "labnet"
aliases = ["lab-net"]
verify = "import labnet"
source = "the lab"
checked = "2026-11-21"

[[release]]
version = "1.0.2"
released = "2026-03-01"
source = "the lab"
checked = "2026-11-21"

[[release.build]]
variant = "cu128"
package = "labnet"
index = "https://wheels.lab.example/simple"
cuda = "12.8"
cudnn = "9.10"
capabilities = ["8.0", "8.6", "9.0"]
wheels = [{ arch = "x86_64", python = ["3.11", "3.12"], glibc = "2.28" }]
"#;

const MANIFEST: &str = "name = \"lab\"\n[frameworks]\nlabnet = \"1.0\"\n";

const TORCH: &str = "name = \"lab\"\n[frameworks]\npytorch = \"2.4\"\n";

/// A home with a configuration, and a web server that answers every path with the same bytes.
struct Lab {
    home: tempfile::TempDir,
    answer: Arc<Mutex<Vec<u8>>>,
    url: String,
}

impl Lab {
    /// With this archive at the URL that the configuration names.
    fn serving(archive: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/lab/matrix.tar.gz", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(archive));
        let shared = Arc::clone(&answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let body = shared.lock().unwrap().clone();
                respond(stream, &body);
            }
        });
        let lab = Self { home: tempfile::tempdir().unwrap(), answer, url };
        lab.configure(&lab.url);
        lab
    }

    fn configure(&self, source: &str) {
        let folder = self.home.path().join("config/envctl");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), format!("[matrix]\noverlays = [\"{source}\"]\n")).unwrap();
    }

    /// From now on the server sends this; nothing at all is an answer of 404.
    fn serve(&self, bytes: Vec<u8>) {
        *self.answer.lock().unwrap() = bytes;
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_envctl"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .current_dir(self.home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn check(&self, manifest: &str) -> (Option<i32>, Value, String) {
        let output = self.run(&["check", "--manifest", "-", "--no-host", "--json"], manifest);
        let document = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), document, String::from_utf8(output.stderr).unwrap())
    }

    /// `matrix fetch`, which is to fail; what it says.
    fn refuses(&self) -> String {
        let output = self.run(&["matrix", "fetch"], "");
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        said
    }

    fn fetches(&self) -> String {
        let output = self.run(&["matrix", "fetch"], "");
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        said(&output)
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn respond(mut stream: TcpStream, body: &[u8]) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let _head: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let status = if body.is_empty() { "404 Not Found" } else { "200 OK" };
    let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(body);
}

/// A `.tar.gz` of these files.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn labnet() -> Vec<u8> {
    archive(&[("frameworks/labnet.toml", LABNET)])
}

#[test]
fn a_framework_known_only_to_the_lab_is_checked_once_its_rows_are_fetched() {
    let lab = Lab::serving(labnet());
    let (code, document, said) = lab.check(MANIFEST);
    assert_eq!(code, Some(2), "{document}");
    assert!(said.contains("were never fetched: `envctl matrix fetch` does it"), "{said}");

    assert!(lab.fetches().contains("new, 1 file, sha256 "));
    let (code, document, said) = lab.check(MANIFEST);
    assert_eq!((code, said.as_str()), (Some(0), ""), "{document}");
    let framework = &document["resolution"]["frameworks"][0];
    assert_eq!((&framework["name"], &framework["version"]), (&"labnet".into(), &"1.0.2".into()));
    assert_eq!(document["resolution"]["driver"]["minimum"], "525.60.13");
    assert!(document["matrix"]["notices"].is_null(), "{document}");
    assert!(lab.fetches().contains("unchanged"));

    // Its names are known like any other's.
    let (code, document, _) = lab.check(&MANIFEST.replace("labnet", "labnett"));
    assert_eq!(code, Some(2));
    assert!(document["error"]["hints"].to_string().contains("`labnet`"), "{document}");
    let (_, document, _) = lab.check(&MANIFEST.replace("labnet", "lab-net"));
    assert!(document["error"].to_string().contains("`labnet`"), "{document}");
    let shown = lab.run(&["matrix", "show", "labnet"], "");
    assert!(String::from_utf8_lossy(&shown.stdout).contains("1.0.2"));

    // And the server may be gone.
    lab.serve(Vec::new());
    assert!(lab.refuses().contains("it answers 404 Not Found"));
    assert_eq!(lab.check(MANIFEST).0, Some(0));
}

#[test]
fn every_verb_reads_a_manifest_that_names_the_labs_framework() {
    let lab = Lab::serving(labnet());
    lab.fetches();
    std::fs::write(lab.home.path().join("envctl.toml"), MANIFEST).unwrap();
    let output = lab.run(&["config"], "");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let output = lab.run(&["check", "--no-host"], "");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn what_was_never_fetched_is_named_in_the_answer() {
    let lab = Lab::serving(labnet());
    let (code, document, said) = lab.check(TORCH);
    assert_eq!(code, Some(0));
    let notice = &document["matrix"]["notices"][0];
    assert_eq!((&notice["source"], &notice["state"]), (&lab.url.as_str().into(), &"never-fetched".into()));
    assert!(said.contains(&lab.url), "{said}");
}

#[test]
fn a_bad_archive_is_refused_and_the_old_one_stays() {
    let lab = Lab::serving(labnet());
    lab.fetches();
    let unsound = LABNET.replace("cuda = \"12.8\"", "cuda = \"19.9\"");
    let broken = LABNET.replace("released", "published");
    let mut cut = labnet();
    cut.truncate(60);
    for (bytes, words) in [
        (archive(&[("frameworks/labnet.toml", LABNET), ("run.sh", "#!/bin/sh")]), "`run.sh` in it is no matrix file"),
        (archive(&[("frameworks/labnet.toml", &unsound)]), "CUDA `19.9` has no row in cuda.toml"),
        (archive(&[("frameworks/labnet.toml", &broken)]), "unknown field `published`"),
        (archive(&[("README.md", "nothing else")]), "it holds no matrix file"),
        (b"<html>sign in first</html>".to_vec(), "it is no `.tar.gz` or `.tar`"),
        (cut, "it is no `.tar.gz` or `.tar`"),
        (vec![0; (16 << 20) + 1], "is larger than 16 MiB"),
    ] {
        lab.serve(bytes);
        let said = lab.refuses();
        assert!(said.contains(words), "`{words}` is not in:\n{said}");
        assert_eq!(lab.check(MANIFEST).0, Some(0), "after {words}");
    }
}

#[test]
fn a_digest_in_the_configuration_is_held_to() {
    let lab = Lab::serving(labnet());
    lab.configure(&format!("{}#sha256={}", lab.url, "0".repeat(64)));
    let said = lab.refuses();
    let found = said.split("has the digest ").nth(1).unwrap().split(',').next().unwrap().to_owned();
    lab.configure(&format!("{}#sha256={found}", lab.url));
    lab.fetches();
    assert_eq!(lab.check(MANIFEST).0, Some(0));
    // The lab moves on, and what is kept is not it.
    lab.configure(&format!("{}#sha256={}", lab.url, "1".repeat(64)));
    assert_eq!(lab.check(TORCH).1["matrix"]["notices"][0]["state"], "other-digest");
}

#[test]
fn a_folder_is_read_where_it_lies() {
    let lab = Lab::serving(Vec::new());
    let share = lab.home.path().join("share");
    lab.configure(share.to_str().unwrap());
    assert_eq!(lab.check(TORCH).1["matrix"]["notices"][0]["state"], "no-folder");
    std::fs::create_dir_all(share.join("frameworks")).unwrap();
    std::fs::write(share.join("frameworks/labnet.toml"), LABNET).unwrap();
    assert_eq!(lab.check(MANIFEST).0, Some(0));
    assert!(lab.fetches().contains("name no URL"));
}

#[test]
fn a_project_brings_no_rows_along() {
    let lab = Lab::serving(labnet());
    let manifest = format!("{TORCH}[matrix]\noverlays = [\"{}\"]\n", lab.url);
    let (code, document, _) = lab.check(&manifest);
    assert_eq!(code, Some(2));
    assert!(document["error"].to_string().contains("config.toml"), "{document}");
    lab.configure("ftp://lab.example/matrix.tar.gz");
    let (code, document, _) = lab.check(TORCH);
    assert_eq!(code, Some(2));
    assert!(document["error"].to_string().contains("it is neither a folder nor a URL"), "{document}");
}
