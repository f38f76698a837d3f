//! What a person sees of each wrong manifest: `errors/NAME.toml` next to `errors/NAME.snap`.

use std::fs;
use std::path::{Path, PathBuf};

use envctl::error::{Exit, Report};
use envctl::manifest::{Layer, LayerKind, Manifest, Vocabulary};
use envctl::ui::snippet::describe;

fn errors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifest/errors")
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
    assert!(names.len() >= 25);
    settings.bind(|| {
        for path in names {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let error = wrong(&fs::read_to_string(&path).unwrap());
            insta::assert_snapshot!(name, describe(&error, false));
        }
    });
}

#[test]
fn at_least_twenty_five_kinds_are_shown() {
    let mut kinds = std::collections::BTreeSet::new();
    for entry in fs::read_dir(errors()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let error = wrong(&fs::read_to_string(path).unwrap());
            let kind = |problem: &envctl::manifest::Problem| {
                let text = format!("{:?}", problem.kind);
                text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
            };
            kinds.extend(error.problems().iter().map(kind));
        }
    }
    assert!(kinds.len() >= 25, "{kinds:?}");
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
