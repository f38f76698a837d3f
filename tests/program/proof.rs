//! The program that looks at shared libraries, with libraries that the C compiler makes.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// Makes a shared library that needs others.
fn library(path: &Path, needs: &[&Path]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let name = format!("-Wl,-soname,{}", path.file_name().unwrap().to_str().unwrap());
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-nostdlib", "-Wl,--no-as-needed", "-x", "c", "/dev/null", "-x", "none", &name, "-o"]);
    assert!(cc.arg(path).args(needs).status().unwrap().success());
}

/// Runs lines of Python with the program as the module `libraries`, about the virtual environment `venv`.
fn python(venv: &Path, lines: &str) -> String {
    let program =
        format!("import sys\nsys.path.insert(0, 'src/proof')\nimport libraries\nlibraries.VENV = sys.argv[1]\n{lines}");
    let output = Command::new("python3").args(["-B", "-c", &program]).arg(venv).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_nothing_provides_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let elsewhere = |name: &str| directory.path().join("elsewhere").join(name);
    let names = ["libodd.so.7", "libcuda.so.1", "libavcodec.so.58", "libhere.so.1"];
    for name in names {
        library(&elsewhere(name), &[]);
    }
    let site = directory.path().join("venv/lib/python3.11/site-packages");
    let needs: Vec<_> = names.iter().map(|name| elsewhere(name)).collect();
    library(&site.join("x/_x.so"), &needs.iter().map(std::path::PathBuf::as_path).collect::<Vec<_>>());
    library(&site.join("x.libs/libhere.so.1"), &[]);
    library(&site.join("x/Qt5/plugins/sqldrivers/libsql.so"), &[&elsewhere("libodd.so.7")]);
    fs::write(site.join("x/broken.so"), b"\x7fELF\x02\x01 and then nothing").unwrap();
    fs::create_dir_all(site.join("the_x-1.dist-info")).unwrap();
    fs::write(site.join("the_x-1.dist-info/RECORD"), "x/_x.so,sha256=1,2\n").unwrap();
    let proof = json!({"packages": {}, "driver": ["libcuda.so.1"], "optional": ["libavcodec.so*"]});
    let lines = format!(
        "rows = libraries.Rows({proof})\nlacks = libraries.missing(rows)\nlibraries.report(rows, lacks, lacks)"
    );
    let printed = python(&directory.path().join("venv"), &lines);
    let found: Value = serde_json::from_str(printed.trim().strip_prefix("envctl-proof ").unwrap()).unwrap();
    let expected = json!({
        "library": "libodd.so.7", "file": "lib/python3.11/site-packages/x/_x.so", "owner": "the-x", "package": null,
        "added": false,
    });
    assert_eq!(found, expected);
}

#[test]
fn libraries_are_loaded_in_the_order_of_their_needs() {
    let directory = tempfile::tempdir().unwrap();
    let site = directory.path().join("venv/lib/python3.11/site-packages");
    let blas = site.join("nvidia/blas/lib/libblasLt.so.1");
    let cudnn = site.join("nvidia/cudnn/lib/libcudnn.so.9");
    library(&blas, &[]);
    library(&cudnn, &[&blas]);
    library(&site.join("ort/provider.so"), &[&cudnn, &blas]);
    let preloads = r#"{"ort": {"file": "ort/provider.so", "libraries": []}}"#;
    let lines = format!("import json\nprint(json.dumps(libraries.hook(json.loads('{preloads}'))))");
    let printed = python(&directory.path().join("venv"), &lines);
    let expected = json!({"ort": ["nvidia/blas/lib/libblasLt.so.1", "nvidia/cudnn/lib/libcudnn.so.9"]});
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), expected);
    fs::write(site.join("ort/__init__.py"), "loaded = [line.split()[-1] for line in open('/proc/self/maps')]\n")
        .unwrap();
    let lines = format!(
        "sys.path.insert(0, {site:?})\nimport _envctl_preload, ort\nprint(sum('libcudnn' in path for path in ort.loaded))"
    );
    assert_ne!(python(&directory.path().join("venv"), &lines).trim(), "0");
}
