//! `matrix update` with the real pip: with an index on this machine, and (`--features slow`) with the index of the
//! caller's configuration, from rows of a year ago.

#![expect(clippy::unwrap_used, reason = "what fails to unwrap fails the test")]
#![expect(clippy::disallowed_methods, reason = "tests run the program as a shell does")]

mod here;
mod shelf;
#[cfg(feature = "slow")]
mod year;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use shelf::{Shelf, wheel};

/// A framework whose rows are derived but for its capabilities.
const RECIPE: &str = r#"source = "a test"

[framework]
id = "labnet"
package = "labnet"
verify = "print()"
source = "a test"
checked = "2026-11-21"

[[build]]
variant = "cu{cuda}"
capabilities = ["8.0", "9.0"]

[[build]]
variant = "cpu"
cpu = true
"#;

/// A folder of rows: the curated tables as they are, and labnet's recipe.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for entry in matrix().read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
            }
        }
        std::fs::create_dir(folder.path().join("frameworks")).unwrap();
        std::fs::create_dir(folder.path().join("recipes")).unwrap();
        std::fs::write(folder.path().join("recipes/labnet.toml"), RECIPE).unwrap();
        Self(folder)
    }

    fn rows(&self) -> Option<String> {
        std::fs::read_to_string(self.0.path().join("frameworks/labnet.toml")).ok()
    }

    fn releases(&self) -> Vec<String> {
        let rows = self.rows().unwrap_or_default();
        rows.lines()
            .filter_map(|line| Some(line.strip_prefix("version = \"")?.trim_end_matches('"').to_owned()))
            .collect()
    }

    fn update(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let home = tempfile::tempdir().unwrap();
        envctl(home.path(), variables)
            .args(["matrix", "update", "--matrix"])
            .arg(self.0.path())
            .args(arguments)
            .output()
            .unwrap()
    }
}

fn matrix() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compat-matrix")
}

/// envctl with a home of its own, and of pip's settings only those given.
fn envctl(home: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_envctl"));
    command.env_clear().env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap());
    command.env("PIP_CONFIG_FILE", "/dev/null").envs(variables.iter().copied());
    command
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn works(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", said(output));
    said(output)
}

fn labnet() -> Vec<shelf::Wheel> {
    vec![
        wheel("labnet", "1.0.0", "2025-06-01", &["nvidia-cuda-runtime-cu12==12.8.90", "nvidia-cudnn-cu12==9.10.2.21"]),
        wheel("labnet", "2.0.0", "2026-05-01", &["cuda-toolkit[cudart]==13.0.2", "nvidia-cudnn-cu13==9.19.0.56"]),
    ]
}

#[test]
fn rows_cut_off_a_year_ago_get_the_new_release_back() {
    let (shelf, folder) = (Shelf::of(&labnet()), Folder::new());
    let index = [("PIP_INDEX_URL", shelf.url())];
    works(&folder.update(&["--exclude-newer", "2025-11-21"], &index));
    assert_eq!(folder.releases(), ["1.0.0"]);
    let then = folder.rows();

    let shown = works(&folder.update(&["--dry-run"], &index));
    assert!(shown.contains("+ 2.0.0  cu130"), "{shown}");
    assert_eq!(folder.rows(), then, "--dry-run wrote");

    works(&folder.update(&[], &index));
    assert_eq!(folder.releases(), ["1.0.0", "2.0.0"]);
    let now = folder.rows().unwrap();
    assert!(now.starts_with(then.unwrap().trim_end()), "an old row changed:\n{now}");
    let shown = works(&folder.update(&[], &index));
    assert!(shown.contains("0 new, 0 changed, 0 gone"), "{shown}");
    assert_eq!(folder.rows(), Some(now));
}

#[test]
fn a_cuda_without_a_curated_row_is_named_and_nothing_is_written() {
    let mut wheels = labnet();
    let (shelf, folder) = (Shelf::of(&wheels), Folder::new());
    works(&folder.update(&[], &[("PIP_INDEX_URL", shelf.url())]));
    let before = folder.rows();

    wheels.push(wheel("labnet", "3.0.0", "2026-11-01", &["cuda-toolkit[cudart]==14.1.0"]));
    let shelf = Shelf::of(&wheels);
    let output = folder.update(&[], &[("PIP_INDEX_URL", shelf.url())]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let said = said(&output);
    for words in [
        "3.0.0 cu141",
        "CUDA `14.1` has no row in cuda.toml",
        "add a row for CUDA 14.1 to `cuda.toml`",
        "nothing was written",
    ] {
        assert!(said.contains(words), "`{words}` is not in:\n{said}");
    }
    assert_eq!(folder.rows(), before);
}

#[test]
fn an_index_without_upload_times_and_parts_of_files_is_read_and_keeps_the_days_that_are_known() {
    let (dated, folder) = (Shelf::of(&labnet()), Folder::new());
    works(&folder.update(&[], &[("PIP_INDEX_URL", dated.url())]));
    let before = folder.rows().unwrap();
    assert!(before.contains("released = \"2025-06-01\""), "{before}");
    let plain = Shelf::of(&labnet().into_iter().map(shelf::Wheel::plain).collect::<Vec<_>>());
    let shown = works(&folder.update(&[], &[("PIP_INDEX_URL", plain.url())]));
    assert!(shown.contains("0 new, 0 changed, 0 gone"), "{shown}");
    assert_eq!(folder.rows(), Some(before));
    let refused = folder.update(&["--exclude-newer", "2026-01-01"], &[("PIP_INDEX_URL", plain.url())]);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
}

#[test]
fn the_index_in_pip_conf_is_the_one_that_is_read() {
    let (shelf, folder) = (Shelf::of(&labnet()), Folder::new());
    let conf = folder.0.path().join("pip.conf");
    std::fs::write(&conf, format!("[global]\nindex-url = {}\n", shelf.url())).unwrap();
    works(&folder.update(&[], &[("PIP_CONFIG_FILE", conf.to_str().unwrap())]));
    assert_eq!(folder.releases(), ["1.0.0", "2.0.0"]);
    assert!(shelf.asked().contains("GET /simple/labnet/"), "{}", shelf.asked());
}

#[test]
fn a_proxy_gets_every_request() {
    let (shelf, folder) = (Shelf::of(&labnet()), Folder::new());
    let proxy = shelf.url().trim_end_matches("/simple").to_owned();
    // No name server knows the host: what comes back came through the proxy.
    let index = ("PIP_INDEX_URL", "http://index.invalid/simple");
    works(&folder.update(&[], &[index, ("http_proxy", &proxy)]));
    assert_eq!(folder.releases(), ["1.0.0", "2.0.0"]);
    assert!(shelf.asked().lines().all(|line| line.starts_with("GET http://index.invalid/")), "{}", shelf.asked());
}

#[test]
fn a_private_certificate_is_trusted_where_pip_is_told_to() {
    let (shelf, folder) = (Shelf::with_tls(&labnet()), Folder::new());
    let index = ("PIP_INDEX_URL", shelf.url());
    let output = folder.update(&["--json"], &[index, ("PIP_RETRIES", "0")]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("index-unreachable") && folder.rows().is_none(), "{}", said(&output));

    works(&folder.update(&[], &[index, ("PIP_CERT", shelf::CA)]));
    assert_eq!(folder.releases(), ["1.0.0", "2.0.0"]);
}

#[test]
fn a_vendors_page_of_links_verifies_its_builds_and_a_closed_port_none() {
    let (shelf, folder) = (Shelf::with_tls(&labnet()), Folder::new());
    let link = |name: &str| format!("<a href=\"{name}-cp312-cp312-manylinux_2_28_x86_64.whl\">{name}</a>\n");
    let links = shelf.put("links.html", (link("labnet-1.0.0%2Bcu118") + &link("other-1.0.0%2Bcu118")).as_bytes());
    let vendor = |version: &str, index: &str| {
        format!(
            "\n[[build]]\nreleases = \"=={version}\"\nvariant = \"cu118\"\nindex = \"{index}\"\nlocal = \"cu118\"\n\
             cuda = \"11.8\"\nlike = \"labnet\"\n"
        )
    };
    let closed = "https://127.0.0.1:1/simple";
    let recipe = RECIPE.to_owned() + &vendor("1.0.0", &links) + &vendor("2.0.0", closed);
    std::fs::write(folder.0.path().join("recipes/labnet.toml"), recipe).unwrap();
    let variables = [("PIP_INDEX_URL", shelf.url()), ("PIP_CERT", shelf::CA), ("PIP_RETRIES", "0")];
    works(&folder.update(&[], &variables));

    let verify = || {
        let home = tempfile::tempdir().unwrap();
        let mut command = envctl(home.path(), &variables);
        command.args(["matrix", "verify", "--online", "--seed", "7", "--matrix"]).arg(folder.0.path()).output().unwrap()
    };
    let agreed = said(&verify());
    for words in [
        "agrees  labnet 1.0.0  cu118",
        "agrees  labnet 2.0.0  cu130",
        "unverified  labnet 2.0.0  cu118",
        "2 releases drawn by seed 7: 3 builds agree, 0 rows differ, 1 builds unverified",
        "1 unverified on 127.0.0.1:1: can't read `labnet`",
    ] {
        assert!(agreed.contains(words), "`{words}` is not in:\n{agreed}");
    }
    shelf.put("links.html", link("labnet-1.1.0%2Bcu118").as_bytes());
    let output = verify();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("differs  labnet 1.0.0"), "{}", said(&output));
}

/// `matrix fetch` of what `[matrix] overlays` names.
fn fetch(source: &str, variables: &[(&str, &str)]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/envctl");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), format!("[matrix]\noverlays = [\"{source}\"]\n")).unwrap();
    envctl(home.path(), variables).args(["matrix", "fetch"]).output().unwrap()
}

/// One GPU that nobody else has.
fn a_labs_rows() -> Vec<u8> {
    let row = "[[gpu]]\nname = \"RTX 3090 Turbo\"\ncapability = \"8.6\"\nsegment = \"geforce\"\nsource = \"invoice 4711\"\n\
               checked = \"2026-11-21\"\n";
    let mut header = tar::Header::new_gnu();
    header.set_size(row.len() as u64);
    header.set_mode(0o644);
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_data(&mut header, "gpus.toml", row.as_bytes()).unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn a_labs_rows_are_fetched_over_tls_that_this_host_trusts() {
    let shelf = Shelf::with_tls(&[]);
    let url = shelf.put("matrix.tar", &a_labs_rows());
    let output = fetch(&url, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("SSL_CERT_FILE"), "{}", said(&output));
    assert!(works(&fetch(&url, &[("SSL_CERT_FILE", shelf::CA)])).contains("new, 1 file"));
}

#[test]
fn a_labs_rows_are_fetched_through_the_proxy() {
    let shelf = Shelf::of(&[]);
    let proxy = shelf.put("matrix.tar", &a_labs_rows()).replace("/static/matrix.tar", "");
    let url = "http://lab.invalid/static/matrix.tar";
    assert_eq!(fetch(url, &[]).status.code(), Some(1));
    works(&fetch(url, &[("http_proxy", &proxy)]));
    assert_eq!(shelf.asked().trim(), format!("GET {url} HTTP/1.1"));
}
