//! Texts that crash, hang or exhaust a parser. envctl refuses each with its line, in JSON on request. All tests run
//! with a quarter of the usual stack.

use std::fs;

use serde_json::Value;

use crate::sandbox::Sandbox;

/// A project of a user with programs that have 2 MiB of stack.
struct Hostile(Sandbox);

impl Hostile {
    fn new() -> Self {
        let mut sandbox = Sandbox::without_key("");
        sandbox.through = ["prlimit", "--stack=2097152:2097152"].map(str::to_owned).to_vec();
        Self(sandbox)
    }
}

impl std::ops::Deref for Hostile {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.0
    }
}

/// The sandbox finds the environments to remove by their manifest.
impl Drop for Hostile {
    fn drop(&mut self) {
        self.0.write_manifest("");
    }
}

/// The refusal of a command: exit code 2 and a document.
fn refusal(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let arguments: Vec<_> = arguments.iter().copied().chain(["--json"]).collect();
    let ran = sandbox.run(&arguments);
    let head = |text: &str| text.chars().take(2000).collect::<String>();
    assert_eq!(ran.code, 2, "{arguments:?}: {} {}", head(&ran.stdout), head(&ran.stderr));
    let document: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", head(&ran.stdout)));
    assert_eq!(document["ok"], false);
    assert!(ran.stderr.len() < 64 * 1024, "{} bytes on standard error", ran.stderr.len());
    document["error"].clone()
}

/// Checks that a manifest is refused with this line.
fn manifest_is_refused(sandbox: &Sandbox, manifest: &str, line: u64) {
    fs::write(sandbox.file("envctl.toml"), manifest).unwrap();
    let error = refusal(sandbox, &["check", "--no-host"]);
    let about = manifest.chars().take(200).collect::<String>();
    assert_eq!(error["kind"], "bad-manifest", "{about}: {error}");
    assert_eq!(error["span"]["line"], line, "{about}: {error}");
    assert!(error["message"].as_str().unwrap().len() < 4000, "{about}");
}

/// Requirements that make a library panic, recurse too deeply, or run for a very long time.
fn requirements() -> Vec<String> {
    let nested = |depth: usize| format!("six ; {}os_name == 'a'{}", "(".repeat(depth), ")".repeat(depth));
    let pairs = (0..60).map(|at| format!("'a{at}' in os_name and 'a{at}' in platform_version")).collect::<Vec<_>>();
    let mut all: Vec<String> = [
        "six.>=1",
        "six-==1",
        "six_<2",
        "six.[x]",
        "six-[x]",
        "six[x.]",
        "six[x-]",
        "six[.x]",
        "six[x,y_]",
        "six.;a",
        "six. @ https://a.example",
        "six ; os_name == 'a' éé",
        "six @ https://é.example",
        "six>=é",
        "é",
        "six ; '",
        "six ; \\\"",
        "six (",
        "six (>=1",
        "six[",
        "six @",
        "six==99999999999999999999",
        "six>=1.*",
        "six~=1",
        "six===",
        "six @ https://[",
        "six @ https://ada:secret@a.example/x.whl",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend([nested(33), nested(3_000), nested(20_000), format!("six ; {}", "(".repeat(8_000))]);
    all.extend([
        format!("six ; {}", pairs.join(" or ")),
        format!("six{}", ">=1,".repeat(20_000)),
        "x".repeat(1_000_000),
    ]);
    all
}

#[test]
fn a_requirement_in_a_manifest_crashes_nothing() {
    let sandbox = Hostile::new();
    let mut cases = 0;
    for text in requirements() {
        let manifest =
            format!("[frameworks]\nonnxruntime = \"1.20\"\n[python]\npackages = [\"rich\",\n  \"{text}\"]\n");
        manifest_is_refused(&sandbox, &manifest, 5);
        cases += 1;
    }
    assert!(cases >= 30, "{cases}");
}

#[test]
fn a_requirement_in_a_file_crashes_nothing() {
    let sandbox = Hostile::new();
    sandbox.write_manifest("[python]\nrequirements = [\"requirements.txt\"]\n");
    for text in requirements() {
        fs::write(sandbox.file("requirements.txt"), format!("rich\n\n{}\n", text.replace("\\\"", "\""))).unwrap();
        let error = refusal(&sandbox, &["lock", "--no-host"]);
        let about = text.chars().take(100).collect::<String>();
        assert_eq!(
            (&error["kind"], &error["span"]["line"]),
            (&"bad-requirements".into(), &3.into()),
            "{about}: {error}"
        );
    }
    let continued = "rich \\\n".repeat(1_000_000);
    for (text, line) in [(format!("{continued}<2\n"), 1), ("a\n".repeat(200_000), 10_001), ("a\n".repeat(5_000_000), 1)]
    {
        fs::write(sandbox.file("requirements.txt"), text).unwrap();
        let error = refusal(&sandbox, &["lock", "--no-host"]);
        assert_eq!((&error["kind"], &error["span"]["line"]), (&"bad-requirements".into(), &line.into()), "{error}");
    }
}

#[test]
fn a_version_in_a_manifest_crashes_nothing() {
    let sandbox = Hostile::new();
    let versions = [
        ">1,".repeat(20_000),
        "==1.*,".repeat(300),
        "9".repeat(100_000),
        "99999999999999999999999".to_owned(),
        "1.".repeat(50_000),
        "1!".repeat(10_000),
        "99999999999999999999!1".to_owned(),
        "2.4é".to_owned(),
        "~=1".to_owned(),
        ">=1.*".to_owned(),
        String::new(),
    ];
    for version in versions {
        for table in ["[frameworks]\nonnxruntime = ", "[frameworks.onnxruntime]\nversion = "] {
            manifest_is_refused(&sandbox, &format!("name = \"e2e\"\n{table}\"{version}\"\n"), 3);
        }
        for (table, key) in [("python", "version"), ("cuda", "version"), ("cuda", "cudnn"), ("target", "driver")] {
            let text = format!("[frameworks]\nonnxruntime = \"1.20\"\n[{table}]\n{key} = \"{version}\"\n");
            manifest_is_refused(&sandbox, &text, 4);
        }
    }
    // The largest numbers as versions: no release has them, and nothing overflows.
    for version in ["18446744073709551615", "1.18446744073709551615", ">=18446744073709551615"] {
        let text = format!("[frameworks]\nonnxruntime = \"{version}\"\n");
        fs::write(sandbox.file("envctl.toml"), text).unwrap();
        let checked = sandbox.run(&["check", "--no-host", "--json"]);
        assert_eq!(checked.code, 3, "{version}: {checked:#?}");
    }
}

#[test]
fn a_manifest_that_nests_without_end_crashes_nothing() {
    let sandbox = Hostile::new();
    let deep = 20_000;
    let base = "[frameworks]\nonnxruntime = \"1.20\"\n";
    for tail in [
        format!("x = {}{}\n", "[".repeat(deep), "]".repeat(deep)),
        format!("x = {}\n", "[".repeat(deep)),
        format!("x = {}1{}\n", "{a=".repeat(deep), "}".repeat(deep)),
        format!("x = {}\n", "[{a=".repeat(deep)),
        format!("{}x = 1\n", "a.".repeat(deep)),
        format!("[{}x]\n", "a.".repeat(deep)),
        format!("[[{}x]]\n", "a.".repeat(deep)),
        format!("x = \"{}\n", "\\".repeat(deep)),
        format!("{} = 1\n", "k".repeat(500_000)),
        format!("[python]\npackages = [{}]\n", "[".repeat(deep)),
    ] {
        let line = 3 + u64::from(tail.starts_with("[python]"));
        manifest_is_refused(&sandbox, &format!("{base}{tail}"), line);
    }
}

#[test]
fn a_manifest_without_end_is_answered() {
    let sandbox = Hostile::new();
    let base = "[frameworks]\nonnxruntime = \"1.20\"\n";
    let numbered = |before: &str, count: usize, after: &str| {
        (0..count).map(|at| format!("{before}{at}{after}\n")).collect::<Vec<_>>().concat()
    };
    let mounts =
        |count: usize| format!("[run]\nmounts = [{}]\n", "{ from = \"/a\", b = 1, c = 1, d = 1 }, ".repeat(count));
    let listed =
        |key: &str, item: &str, count: usize| format!("[run]\n{key} = [{}]\n", format!("{item}, ").repeat(count));
    for (text, line) in [
        (format!("{base}# {}\n", "x".repeat(2_000_000)), 1),
        (format!("{base}[python]\npackages = [{}]\n", "\"rich\", ".repeat(100_000)), 4),
        (format!("{base}{}", numbered("k", 60_000, " = 1")), 3),
        (format!("{base}{}", numbered("[t", 60_000, "]")), 1),
        (format!("{base}{}", "= = =\n".repeat(150_000)), 3),
        (format!("{base}{}", "a = 1\n".repeat(150_000)), 4),
        (format!("{base}{}", mounts(1_001)), 4),
        (format!("{base}{}", mounts(900)), 4),
        (format!("{base}{}", listed("ports", "\"1-65535:1-65535\"", 1)), 4),
        (format!("{base}{}", listed("ports", "\"1-65535:1-65535\"", 900)), 4),
        (format!("{base}{}", listed("ports", "\"1-1025\"", 1)), 4),
        (format!("{base}{}", listed("mounts", "\"volume:/data\"", 900)), 4),
        (format!("{base}{}", listed("tmpfs", "\"/data\"", 900)), 4),
    ] {
        fs::write(sandbox.file("envctl.toml"), &text).unwrap();
        let error = refusal(&sandbox, &["check", "--no-host"]);
        let about = text.chars().skip(36).take(60).collect::<String>();
        assert_eq!(error["kind"], "bad-manifest", "{about}");
        let lines: Vec<_> = std::iter::once(&error)
            .chain(error["problems"].as_array().into_iter().flatten())
            .map(|one| one["span"]["line"].clone())
            .collect();
        assert!(lines.contains(&line.into()), "{about}: {lines:?} {}", error["message"]);
    }
}

#[test]
fn facts_of_a_machine_crash_nothing() {
    let sandbox = Hostile::new();
    let facts = sandbox.file("facts.json");
    let path = facts.to_str().unwrap();
    for text in [
        "[".repeat(200_000),
        "{\"a\":".repeat(200_000),
        format!("{{\"schema\":1,\"gpus\":{}", "[".repeat(200_000)),
        "{\"schema\":1,\"gpus\":[],\"driver\":{\"value\":\"99999999999\",\"source\":\"x\"}}".to_owned(),
        format!("{{\"schema\":1,\"gpus\":[],\"driver\":{{\"value\":\"{}\",\"source\":\"x\"}}}}", "1.".repeat(100_000)),
        "{\"schema\":1,\"gpus\":[],\"memory\":{\"value\":1e999,\"source\":\"x\"}}".to_owned(),
        "{\"schema\":99999999999999999999}".to_owned(),
        "\u{0}".to_owned(),
        "é{".to_owned(),
        String::new(),
    ] {
        fs::write(&facts, &text).unwrap();
        let error = refusal(&sandbox, &["check", "--facts", path]);
        assert!(error["kind"].as_str().unwrap().starts_with("facts-"), "{error}");
        assert_eq!(error["span"]["line"], 1, "{error}");
    }
}

/// A message about a wrong address must not contain its password.
#[test]
fn no_password_of_an_address_is_shown() {
    let sandbox = Sandbox::without_key("");
    let secret = "hunter2";
    for address in [
        "https://ada:hunter2@index.example/a b",
        "https://ada:hun ter2/hunter2@index.example/simple",
        "ftp://hunter2@index.example",
        "https://ada:hunter2@",
    ] {
        for more in [
            format!("[network]\npip-index = \"{address}\"\n"),
            format!("[network]\npip-extra-indexes = [\"{address}\"]\nnonsense = 1\n"),
            format!("[python]\npackages = [\"tool @ {address}\"]\n"),
        ] {
            sandbox.write_manifest(&more);
            for verb in [&["check"][..], &["check", "--json"], &["check", "--color", "always"]] {
                let ran = sandbox.run(verb);
                assert_eq!(ran.code, 2, "{more}: {ran:#?}");
                assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{more}: {ran:#?}");
            }
        }
    }
    sandbox.write_manifest("[python]\nrequirements = [\"requirements.txt\"]\n");
    fs::write(sandbox.file("requirements.txt"), "rich\ntool @ https://ada:hunter2@files.example/x.whl\n").unwrap();
    let ran = sandbox.run(&["lock"]);
    assert!(ran.code == 2 && !ran.stderr.contains(secret), "{ran:#?}");
}

/// Each message has its file, its line or its key, and names an existing command or option.
#[test]
fn what_can_not_be_used_is_told_with_its_place() {
    let sandbox = Sandbox::without_key("");
    sandbox.ok(&["lock"]);
    fs::write(sandbox.file("run.env"), "A=1\nB=x\ry\n").unwrap();
    for (more, words, hint) in [
        (
            "[run]\nenv-file = [\"run.env\"]\n".to_owned(),
            "run.env`: line 2: the value of `B` has a line break",
            "each line is",
        ),
        ("[run]\nproject = \"~\"\n".to_owned(), "is the home directory", "such as `/workspace`"),
    ] {
        sandbox.write_manifest(&more);
        let error = &sandbox.json(&["plan", "--bootstrap"])["error"];
        assert!(error["message"].as_str().unwrap_or_default().contains(words), "{more}: {error:#}");
        assert!(error["hints"].to_string().contains(hint), "{more}: {error:#}");
    }
    for name in ["-", "/dev/stdin"] {
        let error = &sandbox.json(&["plan", "--manifest", name])["error"];
        assert_eq!(error["kind"], "standard-input", "{error:#}");
    }
    let mut check = sandbox.command(&["check", "--no-host", "--manifest", "/dev/stdin"]);
    let manifest = fs::File::open(sandbox.file("envctl.toml")).unwrap();
    assert_eq!(crate::sandbox::ran(check.stdin(manifest).output()).code, 0);
}

#[test]
fn env_files_and_requirements_are_limited_together() {
    let sandbox = Hostile::new();
    let (lines, name) = ("Ai=1\n".repeat(100_000), "many.env");
    fs::write(sandbox.file(name), &lines).unwrap();
    let names = vec![format!("\"{name}\""); 900].join(", ");
    sandbox.write_manifest(&format!("[run]\nenv-file = [{names}]\n"));
    let refused = sandbox.json(&["plan", "--bootstrap"]);
    assert!(refused["error"]["message"].as_str().unwrap().contains("together"), "{refused}");

    let requirements = "numpy>=1.0\n".repeat(9_900);
    let names = (0..200).map(|number| {
        let name = format!("r{number}.txt");
        fs::write(sandbox.file(&name), format!("# {number}\n{requirements}")).unwrap();
        format!("\"{name}\"")
    });
    let names = names.collect::<Vec<_>>().join(", ");
    sandbox.write_manifest(&format!("[python]\nrequirements = [{names}]\n"));
    let refused = sandbox.json(&["plan", "--bootstrap"]);
    assert!(refused["error"]["message"].as_str().unwrap().contains("together"), "{refused}");
}
