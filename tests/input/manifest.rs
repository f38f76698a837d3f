//! The message for each wrong manifest: `errors/NAME.toml` and beside it `errors/NAME.snap`.

use std::fs;
use std::path::{Path, PathBuf};

use envctl::error::{Exit, Report};
use envctl::manifest::{Layer, LayerKind, Manifest, Vocabulary};
use envctl::ui::snippet::describe;

fn errors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/input/errors")
}

fn wrong(text: &str) -> envctl::manifest::ManifestError {
    let parsed = Manifest::parse(Path::new("envctl.toml"), text, "lab", &Vocabulary::default());
    parsed.expect_err("the manifest is wrong")
}

#[test]
fn every_wrong_manifest_is_answered_as_written_down() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(errors());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut names: Vec<PathBuf> = fs::read_dir(errors())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    names.sort();
    assert!(!names.is_empty());
    settings.bind(|| {
        for path in names {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let error = wrong(&fs::read_to_string(&path).unwrap());
            insta::assert_snapshot!(name, describe(&error, false));
        }
    });
}

#[test]
fn a_wrong_value_in_a_persons_configuration_is_shown_in_its_own_file() {
    let layer = |path: &str, text: &str, kind| Layer { path: path.into(), text: text.to_owned(), kind };
    let error = Manifest::parse_layers(vec![
        layer("/srv/lab/envctl.toml", "[frameworks]\njax = \"0.7\"\n[run]\nipc = \"hots\"\n", LayerKind::Project),
        layer("/home/ada/.config/envctl/config.toml", "[network]\nproxy = \"proxy:3128\"\n", LayerKind::User),
        layer("/etc/envctl/config.toml", "name = \"all\"\n[frameworks]\njax = \"0.6\"\n", LayerKind::Site),
        layer("/srv/lab/envctl.local.toml", "[run\n", LayerKind::Local),
    ])
    .unwrap_err();
    assert_eq!((error.kind(), error.exit()), ("bad-manifest", Exit::Usage));
    insta::assert_snapshot!(describe(&error, false));
}

/// The documentation's sections: a table's name and its rows.
fn sections() -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manifest.md"));
    let text = text.expect("the documentation is there");
    let section = |part: &str| {
        let (head, body) = part.split_once('\n').unwrap_or((part, ""));
        let table = head.trim_matches(['`', '[', ']']).replace("Top level", "");
        let rows = body.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---")).skip(1);
        (table, rows.map(str::to_owned).collect())
    };
    text.split("\n## ").skip(1).map(section).collect()
}

#[test]
fn every_key_is_documented_with_its_default() {
    let sections = sections();
    let mut wrong = Vec::new();
    for key in envctl::manifest::schema::KEYS {
        let table = key.table.split('.').next().unwrap();
        let cell = |row: &str, at: usize| row.split('|').nth(at).unwrap().trim().replace('`', "");
        let rows = sections.iter().find(|(name, _)| name == table).map(|(_, rows)| rows.as_slice()).unwrap_or_default();
        let named = |row: &&String| cell(row, 1).split(", ").any(|name| name == key.name);
        match rows.iter().find(named) {
            None => wrong.push(format!("[{table}] {} is not documented", key.name)),
            Some(row) if !key.table.contains('.') && cell(row, 2) != key.default => {
                wrong.push(format!("[{table}] {}: `{}`, and is `{}`", key.name, cell(row, 2), key.default));
            }
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_grant_is_documented() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lifecycle.md")).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
    for kind in envctl::grants::GrantKind::ALL {
        let name = format!("`{}`", kind.name());
        assert!(rows.iter().any(|row| row.split('|').nth(1).unwrap().contains(&name)), "{name} is not documented");
    }
}

#[test]
fn every_documented_example_is_accepted() {
    let mut seen = 0;
    for (table, rows) in sections() {
        for row in rows {
            let Some(example) =
                row.split('|').nth(3).and_then(|cell| cell.split('`').nth(1)).filter(|e| e.contains(" = "))
            else {
                continue;
            };
            if table == "projects" {
                let text = format!("[projects]\n{example}\n");
                let layer = Layer { path: "config.toml".into(), text, kind: LayerKind::User };
                assert_eq!(envctl::manifest::safe_directories(vec![layer]).unwrap().len(), 2);
                continue;
            }
            if table == "matrix" {
                let text = format!("[matrix]\n{example}\n");
                let layer = Layer { path: "config.toml".into(), text, kind: LayerKind::Site };
                assert_eq!(envctl::manifest::overlays(vec![layer]).unwrap().len(), 2);
                continue;
            }
            let line = match table.as_str() {
                "" => format!("{example}\n[frameworks]\njax = \"0.7\"\n"),
                "frameworks" => format!("[frameworks]\n{example}\n"),
                other => format!("[frameworks]\njax = \"0.7\"\n[{other}]\n{example}\n"),
            };
            let parsed = Manifest::parse(Path::new("envctl.toml"), &line, "lab", &Vocabulary::default());
            assert!(parsed.is_ok(), "{line}\n{}", describe(&parsed.unwrap_err(), false));
            seen += 1;
        }
    }
    assert_ne!(seen, 0);
}
