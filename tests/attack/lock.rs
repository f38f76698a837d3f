//! Locks that name values which the compatibility data does not contain. A lock comes with a project, perhaps a
//! stranger's.

use std::fs;

use serde_json::Value;

use crate::sandbox::{Ran, Sandbox};

/// A forbidden change of a lock, as an edit of a lock that envctl wrote.
struct Edit {
    from: &'static str,
    to: &'static str,
    kind: &'static str,
}

const fn damaged(from: &'static str, to: &'static str) -> Edit {
    Edit { from, to, kind: "lock-damaged" }
}

const fn foreign(from: &'static str, to: &'static str) -> Edit {
    Edit { from, to, kind: "lock-untrusted" }
}

const fn unknown(from: &'static str, to: &'static str) -> Edit {
    Edit { from, to, kind: "lock-too-new" }
}

const IMAGE: &str = "image = \"debian:12\"";
const VARIANT: &str = "variant = \"cpu\"";
const PACKAGE: &str = "[[package]]\nname = \"";
const HASH: &str = "    \"sha256:";

/// The word that marks each change in every output.
const MARK: &str = "evil";

const EDITS: [Edit; 35] = [
    foreign(IMAGE, "image = \"evil.example/debian:12\""),
    foreign(IMAGE, "image = \"debian:evil\""),
    foreign("os = \"debian:12\"\nimage = \"debian:12\"", "image = \"evil\""),
    foreign("os = \"debian:12\"", "os = \"evil:12\""),
    damaged(IMAGE, "image = \"debian:12\\nRUN evil\""),
    damaged(IMAGE, "image = \"debian:12 AS evil\""),
    damaged(IMAGE, "image = \"--platform=evil debian:12\""),
    damaged(IMAGE, "image = \"debian:12\"\ndigest = \"sha256:evil\""),
    unknown("version = 2\n", "version = 2\nevil = 1\n"),
    unknown(PACKAGE, "[[evil]]\nname = \"x\"\n\n[[package]]\nname = \""),
    foreign(VARIANT, "variant = \"cpu\"\nsystem-packages = [\"evil\"]"),
    damaged(VARIANT, "variant = \"cpu\"\nsystem-packages = [\"-oAPT::Update::Pre-Invoke::=evil\"]"),
    damaged(VARIANT, "variant = \"cpu\"\nsystem-packages = [\"evil-\"]"),
    damaged(VARIANT, "variant = \"cpu\"\nsystem-packages = [\"./evil\"]"),
    damaged(VARIANT, "variant = \"cpu\"\nsystem-packages = [\"libc6 && evil\"]"),
    foreign(VARIANT, "variant = \"cpu\"\nextras = [\"evil\"]"),
    foreign(VARIANT, "variant = \"cpu\"\nindex-packages = [\"evil\"]"),
    foreign(VARIANT, "variant = \"cpu\"\npins = [\"evil\"]"),
    foreign(VARIANT, "variant = \"cpu\"\npins = [\"numpy @ https://evil.example/x.whl\"]"),
    damaged(VARIANT, "variant = \"cpu\"\npins = [\"--index-url https://evil.example\"]"),
    foreign(VARIANT, "variant = \"cpu\"\nwith = { evil = \"1\" }"),
    damaged(VARIANT, "variant = \"cpu\"\nlocal = \"x evil\""),
    foreign(VARIANT, "variant = \"cpu\"\nindex = \"https://evil.example/simple\""),
    foreign("hashes = [", "index = \"https://evil.example/simple\"\nhashes = ["),
    foreign("hashes = [", "index = \"https://download.pytorch.org/whl/evil\"\nhashes = ["),
    damaged("hashes = [", "index = \"https://ada:evil secret@a.example\"\nhashes = ["),
    damaged(VARIANT, "variant = \"cpu\"\nindex = \"file:///evil\""),
    damaged(PACKAGE, "[[package]]\nname = \"-r/evil\"\nversion = \"1\"\nhashes = []\n\n[[package]]\nname = \""),
    damaged(
        PACKAGE,
        "[[package]]\nname = \"x\\n--index-url evil\"\nversion = \"1\"\nhashes = []\n\n[[package]]\nname = \"",
    ),
    foreign(
        PACKAGE,
        "[[package]]\nname = \"x\"\nurl = \"https://evil.example/x.whl\"\nhashes = []\n\n[[package]]\nname = \"",
    ),
    foreign("[[package]]\nname = \"onnxruntime\"", "[[package]]\nname = \"onnxruntime-evil\""),
    foreign(
        "[[package]]\nname = \"onnxruntime\"\nversion = \"",
        "[[package]]\nname = \"onnxruntime\"\nversion = \"0+evil.",
    ),
    foreign(
        "[[framework]]\nname = \"onnxruntime\"\nversion = \"",
        "[[framework]]\nname = \"onnxruntime\"\nversion = \"0+evil.",
    ),
    foreign(
        PACKAGE,
        "[[package]]\nname = \"evil\"\nversion = \"1\"\nhashes = []\nvia = [\"envctl.toml\"]\n\n[[package]]\nname = \"",
    ),
    damaged(HASH, "    \"sha256:ab\\n--index-url evil\",\n    \"sha256:"),
];

/// Every verb that uses a lock, with each of its lock options.
const VERBS: [&[&str]; 8] = [
    &["lock"],
    &["lock", "--locked"],
    &["lock", "--frozen"],
    &["render", "--bootstrap"],
    &["render", "--bootstrap", "--locked"],
    &["render", "--bootstrap", "--frozen"],
    &["plan", "--bootstrap", "--locked"],
    &["build", "--bootstrap", "--frozen"],
];

/// A project with a lock that envctl wrote.
fn locked() -> (Sandbox, String) {
    let sandbox = Sandbox::without_key("");
    sandbox.ok(&["lock"]);
    let text = fs::read_to_string(sandbox.file("envctl.lock")).unwrap();
    (sandbox, text)
}

fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}

#[test]
fn what_a_lock_brings_of_its_own_reaches_no_verb() {
    let (sandbox, honest) = locked();
    let file = sandbox.file("envctl.lock");
    let mut cases = 0;
    for Edit { from, to, kind } in EDITS {
        assert!(honest.contains(from), "{from}:\n{honest}");
        let hostile = honest.replacen(from, to, 1);
        let line = hostile[..hostile.find(MARK).unwrap()].matches('\n').count() + 1;
        fs::write(&file, &hostile).unwrap();
        for verb in VERBS {
            let arguments: Vec<_> = verb.iter().copied().chain(["--json"]).collect();
            let ran = sandbox.run(&arguments);
            let error = &document(&ran)["error"];
            assert_eq!((ran.code, &error["kind"]), (2, &kind.into()), "{verb:?} with `{to}`: {ran:#?}");
            assert_eq!(error["span"]["line"], line, "{verb:?} with `{to}`: {error:#}");
            assert_eq!(fs::read_to_string(&file).unwrap(), hostile, "{verb:?} wrote it");
            cases += 1;
        }
        let checked = sandbox.run(&["check", "envctl.lock", "--json"]);
        let outcome = &document(&checked)["results"][0];
        // A lock alone gives no information about the manifest, so its image, addresses and packages cannot be judged.
        let of_manifest = ["image = \"evil\"", "url = ", "via = "].iter().any(|asked| to.contains(asked));
        if !of_manifest {
            assert_eq!((checked.code, &outcome["error"]["kind"]), (2, &kind.into()), "`{to}`: {checked:#?}");
        }
    }
    assert_eq!(cases, EDITS.len() * VERBS.len());
}

#[test]
fn the_ways_out_of_an_unknown_lock_work() {
    let (sandbox, honest) = locked();
    let file = sandbox.file("envctl.lock");
    let hostile = honest.replacen("hashes = [", "index = \"https://evil.example/simple\"\nhashes = [", 1);
    fs::write(&file, &hostile).unwrap();
    let refused = sandbox.json(&["lock", "--locked"]);
    let hints = refused["error"]["hints"].to_string();
    assert!(hints.contains("--allow lock-sources") && hints.contains("envctl lock --upgrade"), "{hints}");
    let rendered = sandbox.ok(&["render", "--bootstrap", "--frozen", "--allow", "lock-sources"]);
    assert!(rendered.stdout.contains("https://evil.example/simple"), "{}", rendered.stdout);
    // Consent to the names in a lock is not consent to an invalid lock.
    fs::write(&file, honest.replacen(IMAGE, "image = \"debian:12\\nRUN evil\"", 1)).unwrap();
    let damaged = sandbox.json(&["render", "--bootstrap", "--frozen", "--allow", "lock-sources"]);
    assert_eq!(damaged["error"]["kind"], "lock-damaged", "{damaged:#}");
    fs::write(&file, &hostile).unwrap();
    sandbox.ok(&["lock", "--upgrade"]);
    assert!(!fs::read_to_string(&file).unwrap().contains(MARK));
    sandbox.ok(&["lock", "--locked"]);
}

#[test]
fn a_lock_that_is_no_text_of_ours_crashes_nothing() {
    let (sandbox, honest) = locked();
    let file = sandbox.file("envctl.lock");
    let deep = 20_000;
    for text in [
        String::new(),
        "<<<<<<< HEAD\n".to_owned(),
        "version = 0\n".to_owned(),
        "version = \"1\"\n".to_owned(),
        format!("version = {}\n", "9".repeat(40)),
        format!("version = 2\nx = {}\n", "[".repeat(deep)),
        format!("version = 2\n{}x = 1\n", "a.".repeat(deep)),
        format!("version = 2\n[{}x]\n", "a.".repeat(deep)),
        format!("version = 2\n# {}\n", "x".repeat(9_000_000)),
        format!("{honest}{}", "[[package]]\nname = \"x\"\nversion = \"1\"\nhashes = []\n".repeat(11_000)),
        honest.replacen(VARIANT, &format!("{VARIANT}\npins = [{}]", "\"numpy\", ".repeat(100_000)), 1),
        honest.replace("version = \"3.11\"", "version = \"99999999999.1\""),
    ] {
        fs::write(&file, &text).unwrap();
        for verb in [&["lock", "--locked", "--json"][..], &["render", "--frozen", "--json"]] {
            let ran = sandbox.run(verb);
            let about = text.chars().take(60).collect::<String>();
            assert_eq!((ran.code, &document(&ran)["error"]["kind"]), (2, &"lock-damaged".into()), "{about}");
        }
    }
}
