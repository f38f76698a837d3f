//! `lock` and `check --packages` with a uv that accepts only what a test says: what is tried, in which order, and what
//! the program says about it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// A project, and a uv that is a script.
struct Desk {
    dir: tempfile::TempDir,
}

/// A script in place of uv. It writes what it was asked into a file, and looks for the first line of `answers` whose
/// pattern is in that: `PATTERN|PACKAGE==VERSION …` locks these packages, `PATTERN|!WORDS` refuses.
const UV: &str = r#"#!/bin/sh
[ "$1" = cache ] && exit 1
for word in "$@"; do
    [ "$before" = --python-version ] && python=$word
    [ "$before" = --exclude-newer ] && echo "$word" > HERE/until
    before=$word
done
asked="python=$python $(grep '^dependencies' pyproject.toml)"
echo "$asked" >> HERE/asked
while IFS='|' read -r pattern answer; do
    printf '%s' "$asked" | grep -q -- "$pattern" || continue
    case $answer in
        !*)
            printf 'error: No solution found when resolving dependencies\n  cause: Because %s, we can conclude that your requirements are unsatisfiable.\n' "${answer#!}" >&2
            exit 1
            ;;
        *)
            for package in $answer; do
                printf '%s \\\n    --hash=sha256:%064d\n' "$package" 0
            done > locked.txt
            exit 0
            ;;
    esac
done < HERE/answers
echo 'error: the test has no answer' >&2
exit 2
"#;

impl Desk {
    fn new(manifest: &str, answers: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path().to_str().unwrap();
        fs::create_dir(dir.path().join("project")).unwrap();
        fs::write(dir.path().join("uv"), UV.replace("HERE", here)).unwrap();
        fs::set_permissions(dir.path().join("uv"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(dir.path().join("answers"), answers).unwrap();
        let desk = Self { dir };
        desk.write("envctl.toml", &format!("name = \"lab\"\n{manifest}\n[gpu]\ndevices = \"none\"\n"));
        desk
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join("project").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_envctl"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.dir.path())
            .env("PATH", std::env::var("PATH").unwrap())
            .env("ENVCTL_UV", self.dir.path().join("uv"))
            .current_dir(self.file(""))
            .output()
            .unwrap()
    }

    /// The document of a command, with its exit code.
    fn json(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let output = self.run(&[arguments, &["--json"]].concat());
        let document = serde_json::from_slice(&output.stdout);
        (output.status.code(), document.unwrap_or_else(|error| panic!("{error}: {output:?}")))
    }

    /// What uv was asked, one try each: the Python, and the frameworks' requirements.
    fn asked(&self) -> Vec<String> {
        let text = fs::read_to_string(self.dir.path().join("asked")).unwrap_or_default();
        let _ = fs::remove_file(self.dir.path().join("asked"));
        let short =
            |line: &str| line.replace(" dependencies = [", " ").replace(['"', ']', ','], "").replace(" pip", "");
        text.lines().map(short).collect()
    }
}

const ONNX: &str = "[frameworks]\nonnxruntime = \"1.19\"\n[system]\nbase = \"debian:12\"\n";
const NO_WHEEL: &str = "!numpy==1.19.2 has no wheels with a matching Python ABI tag and you require numpy==1.19.2";
const LOCKED: &str = "onnxruntime==1.19.2 numpy==1.19.2 pip==24.0";

fn packages(list: &str) -> String {
    format!("{ONNX}[python]\npackages = [{list}]\n")
}

#[test]
fn an_older_python_is_taken_where_a_package_has_no_wheel_for_the_preferred_one() {
    let desk = Desk::new(&packages("\"numpy==1.19.2\""), &format!("python=3.9|{LOCKED}\npython=|{NO_WHEEL}\n"));
    let (code, found) = desk.json(&["lock"]);
    assert_eq!((code, &found["resolution"]["python"]), (Some(0), &"3.9".into()), "{found}");
    // A Python without a wheel is found out by a question about the package alone.
    let asked = [
        "python=3.11 onnxruntime==1.19.2 numpy==1.19.2",
        "python=3.11 numpy==1.19.2",
        "python=3.12 numpy==1.19.2",
        "python=3.10 numpy==1.19.2",
        "python=3.9 numpy==1.19.2",
        "python=3.9 onnxruntime==1.19.2 numpy==1.19.2",
    ];
    assert_eq!(desk.asked(), asked);
    let first = &found["tried"][0];
    assert_eq!((&first["python"], &first["refused"][0]), (&"3.11".into(), &"numpy".into()), "{found}");
    assert_eq!(first["frameworks"][0], "onnxruntime 1.19.2");
    assert_eq!(found["tried"].as_array().unwrap().len(), 4);

    // A lock that answers is not searched again.
    let (_, again) = desk.json(&["lock"]);
    assert_eq!((&again["changed"], again["tried"].as_array().unwrap().len()), (&false.into(), 0));
    assert_eq!(desk.asked(), Vec::<String>::new());
}

#[test]
fn a_search_is_told_in_words() {
    let desk = Desk::new(&packages("\"numpy==1.19.2\""), &format!("python=3.9|{LOCKED}\npython=|{NO_WHEEL}\n"));
    let told = String::from_utf8(desk.run(&["lock"]).stderr).unwrap();
    assert!(told.contains("they accept onnxruntime 1.19.2 and Python 3.9"), "{told}");
    assert!(told.contains("`numpy` (numpy==1.19.2 has no wheels with a matching Python ABI tag"), "{told}");
}

#[test]
fn a_package_that_pins_the_framework_gets_the_release_that_it_pins() {
    let answers = "onnxruntime==1.19.0|onnxruntime==1.19.0 pinner==1 pip==24.0
onnxruntime>=|onnxruntime==1.19.0 pinner==1 pip==24.0
onnxruntime==|!pinner==1 depends on onnxruntime==1.19.0 and you require onnxruntime==1.19.2
python=|pinner==1\n";
    let desk = Desk::new(&packages("\"pinner\""), answers);
    let (code, found) = desk.json(&["lock"]);
    assert_eq!((code, &found["resolution"]["frameworks"][0]["version"]), (Some(0), &"1.19.0".into()), "{found}");
    assert_eq!(found["resolution"]["python"], "3.11");
    let asked = desk.asked();
    assert_eq!(asked[0], "python=3.11 onnxruntime==1.19.2 pinner");
    assert!(asked[2].starts_with("python=3.11 onnxruntime>=1.19.0<=") && asked.len() == 4, "{asked:?}");
}

#[test]
fn what_the_manifest_fixes_stays_fixed_and_the_change_that_works_is_named() {
    let python = packages("\"numpy==1.19.2\"").replace("[python]\n", "[python]\nversion = \"3.12\"\n");
    let desk = Desk::new(&python, &format!("python=3.9|{LOCKED}\npython=|{NO_WHEEL}\n"));
    let (code, refused) = desk.json(&["lock"]);
    let conflict = &refused["conflict"];
    assert_eq!((code, &conflict["kind"]), (Some(3), &"package-conflict".into()), "{refused}");
    assert!(conflict["tried"].as_array().unwrap().iter().all(|tried| tried["python"] == "3.12"), "{refused}");
    let suggestion = &conflict["suggestions"][0];
    assert_eq!(suggestion["change"], "use Python 3.9: with this change it locks", "{refused}");
    assert!(!desk.file("envctl.lock").exists());
    desk.write("envctl.toml", suggestion["manifest"].as_str().unwrap());
    assert_eq!(desk.json(&["lock"]).0, Some(0));
}

#[test]
fn a_range_of_pythons_limits_the_search() {
    let range = packages("\"numpy==1.19.2\"").replace("[python]\n", "[python]\nversion = \">=3.10,<3.13\"\n");
    let desk = Desk::new(&range, &format!("python=3.10|{LOCKED}\npython=|{NO_WHEEL}\n"));
    assert_eq!(desk.json(&["lock"]).1["resolution"]["python"], "3.10");
    let desk = Desk::new(&range, &format!("python=3.9|{LOCKED}\npython=|{NO_WHEEL}\n"));
    let (code, refused) = desk.json(&["lock"]);
    assert_eq!(
        (code, &refused["conflict"]["suggestions"][0]["change"]),
        (Some(3), &"use Python 3.9: with this change it locks".into()),
        "{refused}"
    );
}

#[test]
fn the_projects_own_requires_python_is_kept() {
    let desk = Desk::new(ONNX, "python=|onnxruntime==1.19.2 pip==24.0\n");
    desk.write("pyproject.toml", "[project]\nname = \"lab\"\nrequires-python = \">=3.8.1,<3.10\"\n");
    assert_eq!(desk.json(&["lock"]).1["resolution"]["python"], "3.9");
    // A lock that the project accepts stays, and one that it does not accept is stale.
    desk.write("pyproject.toml", "[project]\nname = \"lab\"\nrequires-python = \">=3.9\"\n");
    assert_eq!(desk.json(&["lock", "--locked"]).0, Some(0));
    desk.write("pyproject.toml", "[project]\nname = \"lab\"\nrequires-python = \">=3.10\"\n");
    let (code, stale) = desk.json(&["lock", "--locked"]);
    assert_eq!(code, Some(6));
    let message = stale["error"]["message"].as_str().unwrap();
    assert!(message.contains("it has Python 3.9, and the project accepts `>=3.10` (pyproject.toml:3)"), "{message}");
}

#[test]
fn a_kept_lock_keeps_its_frameworks_and_says_what_would_lock() {
    let desk = Desk::new(&packages("\"rich\""), "python=|onnxruntime==1.19.2 rich==14 pip==24.0\n");
    assert_eq!(desk.json(&["lock"]).1["resolution"]["python"], "3.11");
    fs::write(desk.dir.path().join("answers"), format!("python=3.9|{LOCKED}\npython=|{NO_WHEEL}\n")).unwrap();
    let manifest = fs::read_to_string(desk.file("envctl.toml")).unwrap();
    desk.write("envctl.toml", &manifest.replace("\"rich\"", "\"numpy==1.19.2\""));
    let (code, refused) = desk.json(&["lock"]);
    assert_eq!((code, refused["conflict"]["tried"].as_array().unwrap().len()), (Some(3), 1), "{refused}");
    let change = refused["conflict"]["suggestions"][0]["change"].as_str().unwrap();
    assert!(change.contains("`envctl lock --upgrade` locks with onnxruntime 1.19.2 and Python 3.9"), "{change}");
    assert_eq!(desk.json(&["lock", "--upgrade"]).0, Some(0));
}

#[test]
fn limits_without_which_it_locks_are_named() {
    let desk = Desk::new(
        &packages("\"numpy==1.19.2\", \"rich\""),
        &format!("numpy==1.19.2|{NO_WHEEL}\npython=|onnxruntime==1.19.2 numpy==2.3.5 rich==14 pip==24.0\n"),
    );
    let output = desk.run(&["lock"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(
        told.contains("ask for another version of `numpy`: without the limits in `numpy==1.19.2` it locks, with 2.3.5"),
        "{told}"
    );
    assert!(told.contains("every release that fits Python 3.8"), "{told}");
}

#[test]
fn a_label_of_the_build_that_was_chosen_is_met() {
    let desk = Desk::new(
        "[frameworks]\npytorch = \"2.4.1\"\n[python]\nrequirements = [\"requirements.txt\"]\n",
        "torch==2.4.1+cu121|!torch==2.4.1+cu121 does not exist\ntorch==2.4.1|torch==2.4.1 pip==24.0\n",
    );
    desk.write("requirements.txt", "torch==2.4.1+cu121\n");
    let manifest = fs::read_to_string(desk.file("envctl.toml")).unwrap();
    desk.write("envctl.toml", &manifest.replace("devices = \"none\"", "optional = true"));
    let (code, found) = desk.json(&["lock", "--no-host"]);
    assert_eq!((code, &found["resolution"]["frameworks"][0]["variant"]), (Some(0), &"cu121".into()), "{found}");
    assert_eq!(desk.json(&["lock", "--no-host", "--locked"]).0, Some(0));
}

#[test]
fn check_says_what_it_has_not_looked_at_and_resolves_it_when_asked() {
    let desk = Desk::new(&packages("\"numpy==1.19.2\""), &format!("python=3.9|{LOCKED}\npython=|{NO_WHEEL}\n"));
    let (code, plain) = desk.json(&["check"]);
    assert_eq!((code, &plain["resolution"]["python"]), (Some(0), &"3.11".into()));
    assert_eq!(plain["packages"], serde_json::json!({"looked_at": false, "requirements": 1, "files": 0}));
    let told = String::from_utf8(desk.run(&["check"]).stdout).unwrap();
    assert!(told.contains("the packages are not looked at (1 requirement): `envctl check --packages`"), "{told}");
    assert_eq!(desk.asked(), Vec::<String>::new());

    let (code, resolved) = desk.json(&["check", "--packages"]);
    assert_eq!((code, &resolved["resolution"]["python"]), (Some(0), &"3.9".into()), "{resolved}");
    assert_eq!((&resolved["packages"]["looked_at"], &resolved["packages"]["locked"]), (&true.into(), &3.into()));
    assert!(!desk.file("envctl.lock").exists());
    let (_, locked) = desk.json(&["lock"]);
    assert_eq!(locked["resolution"]["python"], resolved["resolution"]["python"]);
    assert_eq!(locked["tried"], resolved["packages"]["tried"]);
}

#[test]
fn the_last_day_ends_at_the_same_time_on_every_host() {
    let manifest = packages("\"numpy\"") + "exclude-newer = \"2025-08-01\"\n";
    let desk = Desk::new(&manifest, &format!("python=|{LOCKED}\n"));
    assert!(desk.run(&["lock"]).status.success());
    let until = fs::read_to_string(desk.dir.path().join("until")).unwrap();
    assert_eq!(until, "2025-08-01T23:59:59.999999999Z\n");
}

#[test]
fn the_last_day_binds_the_framework_in_check_and_in_the_lock() {
    let with = |day: &str| format!("[frameworks]\nonnxruntime = \"*\"\n[python]\nexclude-newer = \"{day}\"\n");
    let desk = Desk::new(&with("2024-10-01"), "onnxruntime==1.19.2|onnxruntime==1.19.2 pip==24.0\n");
    let version = |found: &Value| found["resolution"]["frameworks"][0]["version"].as_str().map(str::to_owned);
    for verb in [&["check", "--no-host"][..], &["check", "--packages"], &["lock"]] {
        let (code, found) = desk.json(verb);
        assert_eq!((code, version(&found).as_deref()), (Some(0), Some("1.19.2")), "{verb:?}: {found}");
    }
    // Another day is another question: what the lock decided for the first one does not answer it.
    desk.write("envctl.toml", &format!("name = \"lab\"\n{}[gpu]\ndevices = \"none\"\n", with("2024-09-01")));
    fs::write(desk.dir.path().join("answers"), "onnxruntime==1.19.0|onnxruntime==1.19.0 pip==24.0\n").unwrap();
    let (code, found) = desk.json(&["lock"]);
    assert_eq!((code, version(&found).as_deref()), (Some(0), Some("1.19.0")), "{found}");
}
