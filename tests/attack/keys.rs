//! Puts the injection corpus through every key of a manifest. The keys come from the manifest's one table of keys.
//! Their examples come from the documentation, which has one for each key. So these tests attack a new key from its
//! first day.
//!
//! envctl refuses a value, or the value changes no structure: the Dockerfile keeps its instructions, its shell lines
//! keep their operators, `sshd_config` and the client's entry keep their keywords.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use envctl::connect::{Endpoint, entry};
use envctl::manifest::{Manifest, Vocabulary, schema};
use envctl::render::{self, ImageInputs, Instruction, SessionEnv, SshdSocket, sshd_config};

use crate::fixture;

/// Texts that break out of wrong quoting.
const PAYLOADS: &[&str] = &[
    "$(touch /tmp/owned)",
    "`touch /tmp/owned`",
    "\"; touch /tmp/owned; \"",
    "'; touch /tmp/owned; '",
    " && touch /tmp/owned",
    "| touch /tmp/owned",
    "> /tmp/owned",
    "\nRUN touch /tmp/owned",
    "\r\nUSER nobody",
    "\\\nRUN touch /tmp/owned",
    "\\",
    "\n# escape=`\n",
    "${PATH}",
    "$PATH",
    "%h%d%%",
    "{{base}}",
    "{{#each x}}",
    "<<EOF",
    "--mount=type=secret,id=envctl-index",
    "-oProxyCommand=touch",
    "--privileged",
    "\tX\t",
    "\u{1b}]0;owned\u{7}",
    "\u{202e}",
    "\u{2028}",
    "\u{0}",
    "../../../etc/passwd",
    "/../..",
    "~root",
    ",target=/etc",
    "#",
    ";",
    "*?[a]",
    "é",
    "\nPermitRootLogin yes",
    "\n  ProxyCommand touch /tmp/owned",
];

/// The tables with values that reach a Dockerfile.
const RENDERED: [&str; 5] = ["system", "build", "network", "ssh", "gpu"];

/// The tables that a project cannot have: `tests/attack/files.rs` and `tests/program/overlay.rs` check that.
const OF_CONFIGURATION: [&str; 2] = ["matrix", "projects"];

/// An example of the documentation with its table.
struct Example {
    table: String,
    text: String,
}

/// The examples of `docs/manifest.md`, and the keys in them.
fn examples() -> (Vec<Example>, BTreeSet<(String, String)>) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manifest.md")).unwrap();
    let (mut examples, mut covered) = (Vec::new(), BTreeSet::new());
    for part in text.split("\n## ").skip(1) {
        let (head, body) = part.split_once('\n').unwrap();
        let table = head.trim_matches(['`', '[', ']']).replace("Top level", "");
        for row in body.lines().filter(|line| line.starts_with("| `") || line.starts_with("| an id")) {
            let cell = |at: usize| row.split('|').nth(at).unwrap_or_default().trim().to_owned();
            for name in cell(1).split(", ") {
                covered.insert((table.clone(), name.trim_matches('`').to_owned()));
            }
            if let Some(example) = cell(3).split('`').nth(1).filter(|example| example.contains(" = ")) {
                examples.push(Example { table: table.clone(), text: example.to_owned() });
            }
        }
    }
    (examples, covered)
}

/// The example with a payload in one of its strings: at the start, in the middle, at the end, and as the complete
/// string. Numbers and booleans become strings.
fn attacks(example: &Example, payload: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut at = 0;
    while let Some(start) = example.text[at..].find('"').map(|found| at + found) {
        let end = start + 1 + example.text[start + 1..].find('"').unwrap();
        let inner = &example.text[start + 1..end];
        let half = inner.len() / 2;
        for value in [
            format!("{payload}{inner}"),
            format!("{inner}{payload}"),
            format!("{}{payload}{}", &inner[..half], &inner[half..]),
            payload.to_owned(),
        ] {
            texts.push(format!("{}{}{}", &example.text[..start], toml_string(&value), &example.text[end + 1..]));
        }
        at = end + 1;
    }
    if let Some((key, _)) = example.text.split_once(" = ") {
        texts.push(format!("{key} = {}", toml_string(payload)));
        texts.push(format!("{key} = [{}]", toml_string(payload)));
        texts.push(format!("{key} = {{ {} = \"x\" }}", toml_string(payload)));
    }
    texts
}

fn toml_string(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            c if c.is_control() => write!(quoted, "\\u{:04x}", u32::from(c)).unwrap(),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn parse(table: &str, line: &str) -> Option<Manifest> {
    let base = if table == "frameworks" { "" } else { "[frameworks]\nonnxruntime = \"1.20\"\n" };
    let text = if table.is_empty() { format!("{line}\n{base}") } else { format!("{base}[{table}]\n{line}\n") };
    Manifest::parse(Path::new("envctl.toml"), &text, "lab", &Vocabulary::default()).ok()
}

/// The structure that no text may change: the instructions of the Dockerfile, each with the number of operators that a
/// shell would find.
fn structure(manifest: &Manifest) -> Option<Vec<(String, usize)>> {
    let lock = fixture::lock(fixture::decision(), Vec::new());
    let copies: Vec<_> = manifest.build.copy.iter().map(|_| BTreeMap::new()).collect();
    let inputs = ImageInputs {
        lock: &lock,
        manifest,
        proofs: &[],
        base: None,
        fetch_base: None,
        certificates: true,
        own_index: true,
        proxies: &BTreeMap::new(),
        copies: &copies,
        environment: Some("lab-1a2b3c4d"),
    };
    let context = render::context(&inputs).ok()?;
    let text = String::from_utf8(context.files["Dockerfile"].bytes.clone()).unwrap();
    assert!(context.files.keys().all(|path| !path.contains("..") && !path.starts_with('/')));
    Some(instructions(&text))
}

fn instructions(dockerfile: &str) -> Vec<(String, usize)> {
    let judged = |instruction: Instruction| {
        let Instruction { name, flags, arguments, .. } = instruction;
        // `RUN` in its JSON form has no shell. In the other instructions the builder expands only variables.
        let words = serde_json::from_str::<Vec<String>>(&arguments);
        let count = match (name.as_str(), words) {
            ("run", Ok(_)) => 0,
            ("run", Err(_)) => operators(&arguments, ";|&$`<>()"),
            (_, Ok(words)) => words.iter().map(|word| operators(word, "$")).sum(),
            (_, Err(_)) => operators(&arguments, "$"),
        };
        let flags = flags.iter().map(|(flag, value)| format!("--{flag}={value}").matches('$').count()).sum::<usize>();
        (name, count + flags)
    };
    // Lines end where the builder ends them. Its releases differ over blanks that are neither space nor tab, and every
    // value at the end of a line has a quote after it.
    let odd = |c: char| !matches!(c, ' ' | '\t' | '\n') && (c.is_control() || c.is_whitespace() || c == '\u{feff}');
    render::dockerfile_instructions(&dockerfile.replace(odd, "x")).unwrap().into_iter().map(judged).collect()
}

/// The characters of `meaning` that have an effect: none inside `'`, only variables and commands inside `"`.
fn operators(text: &str, meaning: &str) -> usize {
    let mut count = 0;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => {
                characters.next();
            }
            (None, '\'' | '"') => quote = Some(character),
            (Some(_), character) if !"$`".contains(character) => {}
            (_, character) => count += usize::from(meaning.contains(character)),
        }
    }
    count
}

/// The first words of the lines.
fn keywords(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_key_has_an_example_to_attack() {
    let (_, covered) = examples();
    for key in schema::KEYS {
        let table = key.table.split('.').next().unwrap();
        let found = covered.contains(&(table.to_owned(), key.name.to_owned()));
        assert!(found, "[{}] {} has no row in docs/manifest.md", key.table, key.name);
    }
}

#[test]
fn no_value_of_any_key_changes_the_dockerfile_or_a_configuration() {
    let (mut tried, mut accepted) = (0, 0);
    for example in examples().0.iter().filter(|example| !OF_CONFIGURATION.contains(&example.table.as_str())) {
        let Some(plain) = parse(&example.table, &example.text) else { panic!("[{}] {}", example.table, example.text) };
        let expected = &structure(&plain).unwrap_or_default();
        for payload in PAYLOADS {
            for line in attacks(example, payload) {
                tried += 1;
                let Some(manifest) = parse(&example.table, &line) else { continue };
                accepted += 1;
                // The manifest's own lines are free; `build.rs` attacks them.
                let is_rendered = RENDERED.contains(&example.table.as_str()) && manifest.build.append.is_none();
                if let Some(found) = is_rendered.then(|| structure(&manifest)).flatten() {
                    assert!(same_shape(expected, &found), "[{}] {line}\n{expected:?}\n{found:?}", example.table);
                }
                check_configurations(&manifest, &line);
            }
        }
    }
    assert!(accepted > 0 && tried > accepted);
}

/// A list of one item in place of several gives fewer instructions and operators, but no new kind and never more.
fn same_shape(expected: &[(String, usize)], found: &[(String, usize)]) -> bool {
    let of = |all: &[(String, usize)]| {
        let mut most: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (word, count) in all {
            let (number, operators) = most.entry(word.clone()).or_default();
            *number += 1;
            *operators += count;
        }
        most
    };
    let expected = of(expected);
    of(found).into_iter().all(|(word, (number, operators))| {
        let allowed = expected.get(&word).copied().unwrap_or_default();
        // `build.run`, `copy` and `args` make one instruction per item.
        let fixed = ["run", "copy", "arg"].contains(&word.as_str());
        operators <= allowed.1 && (number <= allowed.0 || fixed && number <= allowed.0 + 1)
    })
}

/// Checks that the keywords of `sshd_config` and of the client's entry do not change.
fn check_configurations(manifest: &Manifest, line: &str) {
    let variables: Vec<String> =
        manifest.run.env.iter().map(|(name, value)| format!("{name}={}", value.value)).collect();
    let user = manifest.run.user.as_ref().map_or("ada", |user| user.value.as_str());
    let plain = sshd_config("ada", &SessionEnv::new(["A=b"]), SshdSocket::Container).unwrap();
    let session = SessionEnv::new(["A=b"].into_iter().chain(variables.iter().map(String::as_str)));
    if let Ok(config) = sshd_config(user, &session, SshdSocket::Container) {
        assert_eq!(keywords(&config), keywords(&plain), "{line}");
    }
    let endpoint = Endpoint {
        id: format!("{}-1a2b3c4d", manifest.name.value),
        alias: Some(manifest.name.value.to_string()),
        address: manifest.ssh.listen.value,
        port: 2222,
        user: user.to_owned(),
        interpreter: String::new(),
        project: "/srv/lab".into(),
        workspace: manifest.run.project.as_ref().map(|path| path.in_home("/home/ada")),
        fingerprint: String::new(),
        known_hosts: "/home/ada/known_hosts".into(),
        identities: Vec::new(),
        command: String::new(),
    };
    let block = entry::write_block(&endpoint).unwrap();
    assert_eq!(block.lines().filter(|line| line.starts_with("Host ")).count(), 1, "{line}");
    assert!(!block.contains("ProxyCommand touch"), "{line}");
}
