//! A build that only its maker's page of links has: the real uv finds it there and locks its hash.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use envctl::packages::{ClosureRequest, Preferences, SourceBuilds};

use crate::fixture;
use crate::harness::closure;

/// A wheel with nothing in it but what it needs.
const WHEEL: &str = r#"
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + "/labnet_core-2.0+cuda12-py3-none-any.whl", "w") as wheel:
    info = "labnet_core-2.0+cuda12.dist-info/"
    wheel.writestr("labnet_core.py", "")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: labnet-core\nVersion: 2.0+cuda12\nRequires-Dist: idna\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: envctl\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(info + "RECORD", "")
"#;

/// Serves the files of a folder until the process ends.
fn serve(folder: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let folder = folder.to_owned();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap_or(0);
            let head = String::from_utf8_lossy(&request[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or("/").trim_start_matches('/').replace("%2B", "+");
            let (status, body) = match std::fs::read(folder.join(path)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let body = if head.starts_with("HEAD") { (body.len(), Vec::new()) } else { (body.len(), body) };
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.0);
            let _ = stream.write_all(&body.1);
        }
    });
    format!("http://{address}")
}

#[tokio::test(flavor = "current_thread")]
async fn a_page_of_links_serves_the_packages_that_it_is_named_for() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("python3").arg("-c").arg(WHEEL).arg(folder.path()).status().unwrap();
    assert!(made.success());
    let link = "<a href=\"labnet_core-2.0%2Bcuda12-py3-none-any.whl\">labnet_core-2.0+cuda12-py3-none-any.whl</a>";
    std::fs::write(folder.path().join("releases.html"), link).unwrap();
    let page = format!("{}/releases.html", serve(folder.path()));

    let mut decision = fixture::decision();
    let framework = &mut decision.frameworks[0];
    // The package itself comes from the default index, its compiled half from the page.
    framework.package = "idna".to_owned();
    framework.version = "3.7".parse().unwrap();
    framework.index.clone_from(&page);
    framework.index_packages = vec!["labnet-core".to_owned()];

    let project = tempfile::tempdir().unwrap();
    let manifest = fixture::manifest();
    let request = ClosureRequest {
        agreed: &fixture::agreed(&manifest),
        decision: &decision,
        files: &[],
        preferences: Preferences::default(),
        builds: SourceBuilds::Refused,
        loosened: None,
    };
    let packages = closure(request, project.path()).await.unwrap();
    let found = |name: &str| packages.iter().find(|package| package.name == name).unwrap();
    let core = found("labnet-core");
    assert_eq!((core.version.as_str(), &core.index), ("2.0+cuda12", &page));
    assert!(core.hashes.iter().all(|hash| hash.starts_with("sha256:")) && core.hashes.len() == 1, "{core:?}");
    assert_eq!((found("idna").version.as_str(), found("idna").index.as_str()), ("3.7", "default"));
}
