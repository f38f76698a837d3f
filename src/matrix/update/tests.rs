//! Tests of recipes and rows, with an index that each test fills.

use std::collections::BTreeMap;

use super::index::{IndexError, PackageIndex, Published, WheelMember};
use super::recipe::FrameworkRecipe;
use super::snapshot::Snapshot;
use super::{ComparisonOutcome, Drawn, RowChange, changes, derive, embedded_recipes, text, verify};
use crate::event::Silent;
use crate::matrix::Matrix;
use crate::matrix::rows::{FrameworkFile, RequirementRow};

/// An index in memory: package → files, and file → METADATA.
#[derive(Default)]
struct Shelf {
    pages: BTreeMap<String, Vec<Published>>,
    texts: BTreeMap<String, String>,
}

impl Shelf {
    fn put(&mut self, package: &str, file: &str, requires: &[&str]) -> &mut Self {
        let published = Published {
            url: format!("https://index.example/{file}"),
            file: file.to_owned(),
            yanked: false,
            requires_python: None,
            uploaded: Some("2026-01-02T03:04:05Z".to_owned()),
            sidecar: false,
        };
        let mut lines = vec!["Metadata-Version: 2.1".to_owned()];
        lines.extend(requires.iter().map(|line| format!("Requires-Dist: {line}")));
        self.texts.insert(published.url.clone(), lines.join("\n"));
        self.pages.entry(package.to_owned()).or_default().push(published);
        self
    }

    fn withdraw(&mut self, file: &str) {
        let files = self.pages.values_mut().flatten();
        files.filter(|published| published.file == file).for_each(|published| published.yanked = true);
    }
}

impl PackageIndex for Shelf {
    fn pages(&mut self, index: Option<&str>, packages: &[String]) -> Vec<Result<Vec<Published>, IndexError>> {
        let page = |package: &String| match index {
            Some(vendor) => {
                Err(IndexError::Unreachable { what: package.clone(), message: format!("{vendor} is silent") })
            }
            None => Ok(self.pages.get(package).cloned().unwrap_or_default()),
        };
        packages.iter().map(page).collect()
    }

    fn members(&mut self, members: &[WheelMember]) -> Vec<Result<Option<String>, IndexError>> {
        members.iter().map(|member| Ok(self.texts.get(&member.url).cloned())).collect()
    }
}

const RECIPE: &str = r#"
source = "a test"
[framework]
id = "torch-like"
package = "torch"
verify = "print()"
source = "a test"
checked = "2026-01-01"
[[build]]
releases = ">=2"
variant = "cu{cuda}"
capabilities = ["8.0"]
[[build]]
releases = "==2.4.*"
variant = "cu118"
index = "https://vendor.example/cu118"
local = "cu118"
cuda = "11.8"
arch = ["x86_64"]
like = "torch"
glibc = "2.17"
[[build]]
variant = "cpu"
cpu = true
[[fact]]
releases = "<2.5"
pins = ["numpy<2"]
exclude-newer = "2026-06-01"
"#;

const CUDA: &str = "nvidia-cuda-runtime-cu12==12.1.105; platform_machine == \"x86_64\"";
const CUDNN: &str = "nvidia-cudnn-cu12==9.1.0.70; platform_machine == \"x86_64\"";

fn shelf() -> Shelf {
    let mut shelf = Shelf::default();
    shelf
        .put("torch", "torch-2.4.1-cp312-cp312-manylinux1_x86_64.whl", &[CUDA, CUDNN])
        .put("torch", "torch-2.4.1-cp312-cp312-manylinux2014_aarch64.whl", &[CUDA, CUDNN])
        .put("torch", "torch-2.5.0rc1-cp312-cp312-manylinux1_x86_64.whl", &[CUDA]);
    shelf
}

fn rows(recipe: &FrameworkRecipe, shelf: &mut Shelf, old: Option<&FrameworkFile>, today: &str) -> FrameworkFile {
    let snapshot = Snapshot::read(recipe, shelf, &|_| true, None).unwrap();
    derive::derive(recipe, &snapshot, old, today)
}

fn recipe() -> FrameworkRecipe {
    toml::from_str(RECIPE).unwrap()
}

fn builds(file: &FrameworkFile, release: &str) -> Vec<String> {
    let row = file.releases.iter().find(|row| row.version.to_string() == release).unwrap();
    let build = |build: &crate::matrix::rows::BuildRow| {
        let arches: Vec<_> = build.wheels.iter().map(|wheel| format!("{:?} {}", wheel.arch, wheel.glibc)).collect();
        format!("{}: {}", build.variant, arches.join(", "))
    };
    row.builds.iter().map(build).collect()
}

#[test]
fn markers_decide_which_architecture_holds_cuda() {
    let file = rows(&recipe(), &mut shelf(), None, "2026-11-21");
    assert_eq!(builds(&file, "2.4.1"), ["cu121: X86_64 2.5", "cu118: X86_64 2.17", "cpu: Aarch64 2.17"]);
    let row = &file.releases[0];
    assert_eq!(row.builds[0].cudnn.as_ref().unwrap().to_string(), "9.1.0.70");
    assert_eq!(row.builds[0].shared.as_ref().unwrap()["nvidia-cuda-runtime-cu12"], "==12.1.105");
    assert_eq!((row.released.as_deref(), row.exclude_newer.as_deref()), (Some("2026-01-02"), Some("2026-06-01")));
    assert_eq!(row.pins, ["numpy<2"]);
}

#[test]
fn what_frameworks_share_is_kept_by_python_and_once_for_alike_builds() {
    let mut recipe = recipe();
    recipe.compared = vec!["numpy".to_owned(), "typing-extensions".to_owned()];
    let needs = ["numpy>=1.26; python_version >= \"3.12\"", "typing-extensions>=4.8", "filelock>=3", "sympy"];
    let mut shelf = Shelf::default();
    shelf.put("torch", "torch-2.4.1-cp311-cp311-manylinux1_x86_64.whl", &needs).put(
        "torch",
        "torch-2.4.1-cp312-cp312-manylinux1_x86_64.whl",
        &[&needs[..], &[CUDA, CUDNN]].concat(),
    );
    let file = rows(&recipe, &mut shelf, None, "2026-11-21");
    let row = &file.releases[0];
    let python = |row: &RequirementRow| row.python.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let said = row.requires.as_ref().unwrap().iter().map(|row| format!("{}: {:?}", python(row), row.packages));
    assert_eq!(
        said.collect::<Vec<_>>().join("\n"),
        ": {\"typing-extensions\": \">=4.8\"}\n3.12: {\"numpy\": \">=1.26\"}"
    );
    assert!(row.builds.iter().all(|build| build.requires.is_none()), "{:?}", row.builds);
    assert_eq!(toml::from_str::<FrameworkFile>(&text::file(&file)).unwrap().releases[0].requires, row.requires);
}

#[test]
fn pins_of_an_index_that_is_not_read_are_those_of_the_recipe_or_unknown() {
    let pins = |more: &str| {
        let recipe = toml::from_str::<FrameworkRecipe>(&format!("{RECIPE}{more}")).unwrap();
        let file = rows(&recipe, &mut shelf(), None, "2026-11-21");
        let cu118 = file.releases[0].builds.iter().find(|build| build.variant == "cu118").unwrap().clone();
        (cu118.pins().map(BTreeMap::len), text::file(&file).contains("shared = {}"))
    };
    let fact = |releases: &str, shared: &str| {
        format!(
            "[[pins]]\nreleases = \"{releases}\"\nvariant = \"cu118\"\narch = [\"x86_64\"]\nshared = {shared}\n\
             source = \"a test\"\nchecked = \"2026-11-21\"\n"
        )
    };
    assert_eq!(pins(""), (None, false));
    assert_eq!(pins(&fact("<2.4", "{}")), (None, false));
    assert_eq!(pins(&fact("==2.4.*", "{}")), (Some(0), true));
    assert_eq!(pins(&fact("==2.4.*", "{ nvidia-cudnn-cu11 = \"==9.1.0.70\" }")), (Some(1), false));
}

#[test]
fn a_build_that_comes_later_has_a_day_of_its_own() {
    let mut shelf = shelf();
    let late = |published: &mut Published| published.uploaded = Some("2026-02-03T00:00:00Z".to_owned());
    let files = shelf.pages.get_mut("torch").unwrap().iter_mut();
    files.filter(|published| published.file.contains("aarch64")).for_each(late);
    let file = rows(&recipe(), &mut shelf, None, "2026-11-21");
    let row = &file.releases[0];
    assert_eq!(row.released.as_deref(), Some("2026-01-02"));
    let days = row.builds.iter().map(|build| format!("{} {:?}", build.variant, build.uploaded)).collect::<Vec<_>>();
    assert_eq!(days, ["cu121 None", "cu118 None", "cpu Some(\"2026-02-03\")"]);
}

#[test]
fn prereleases_and_withdrawn_files_never_count() {
    let mut shelf = shelf();
    let file = rows(&recipe(), &mut shelf, None, "2026-11-21");
    assert_eq!(file.releases.len(), 1);
    shelf.withdraw("torch-2.4.1-cp312-cp312-manylinux1_x86_64.whl");
    assert_eq!(builds(&rows(&recipe(), &mut shelf, None, "2026-11-21"), "2.4.1"), ["cpu: Aarch64 2.17"]);
    shelf.withdraw("torch-2.4.1-cp312-cp312-manylinux2014_aarch64.whl");
    assert!(rows(&recipe(), &mut shelf, None, "2026-11-21").releases.is_empty());
}

#[test]
fn a_new_release_needs_no_new_line() {
    let mut shelf = shelf();
    let old = rows(&recipe(), &mut shelf, None, "2026-11-21");
    shelf.put(
        "torch",
        "torch-3.0.0-cp314-cp314-manylinux_2_28_x86_64.whl",
        &["cuda-toolkit[cudart]==14.1.0; platform_system == \"Linux\"", "nvidia-cudnn-cu14==10.0.0.1"],
    );
    let new = rows(&recipe(), &mut shelf, Some(&old), "2026-12-01");
    assert_eq!(builds(&new, "3.0.0"), ["cu141: X86_64 2.28"]);
    let added = RowChange::Added { release: "3.0.0".into(), variants: vec!["cu141".into()] };
    assert_eq!(changes(Some(&old), &new), [added]);
    // An unchanged row keeps its day, so that the file does not change.
    assert_eq!((new.releases[0].checked.as_str(), new.releases[1].checked.as_str()), ("2026-11-21", "2026-12-01"));
}

#[test]
fn the_same_index_gives_the_same_bytes_and_they_read_back() {
    let first = text::file(&rows(&recipe(), &mut shelf(), None, "2026-11-21"));
    let second = text::file(&rows(&recipe(), &mut shelf(), None, "2026-11-21"));
    assert_eq!(first, second);
    let read: FrameworkFile = toml::from_str(&first).unwrap();
    assert_eq!(text::file(&read), first);
}

#[test]
fn a_row_that_is_wrong_differs_and_a_silent_index_verifies_nothing() {
    let mut file = rows(&recipe(), &mut shelf(), None, "2026-11-21");
    let outcomes = |file: &FrameworkFile| {
        let drawn: Vec<Drawn> = verify(&[file], &[recipe()], &mut shelf(), 1, 10, &Silent).unwrap();
        drawn.into_iter().flat_map(|release| release.outcomes).collect::<Vec<_>>()
    };
    let right = outcomes(&file);
    assert_eq!(right[0], ComparisonOutcome::Agrees { variants: vec!["cu121".into(), "cpu".into()] });
    assert!(matches!(&right[1], ComparisonOutcome::Unverified { variant, .. } if variant == "cu118"));
    file.releases[0].builds[0].cuda = Some("12.4".parse().unwrap());
    assert!(matches!(&outcomes(&file)[0], ComparisonOutcome::Differs { row, .. } if row == &["cuda = \"12.4\""]));
}

#[test]
fn one_seed_draws_one_sample() {
    let matrix = Matrix::embedded();
    let ids: Vec<_> = matrix.frameworks().map(|known| known.id.clone()).collect();
    let files: Vec<_> = ids.iter().filter_map(|id| matrix.framework(id)).collect();
    let draw = |seed| {
        let drawn: Vec<Drawn> = verify(&files, &[], &mut Shelf::default(), seed, 60, &Silent).unwrap();
        drawn.into_iter().map(|release| (release.framework, release.release)).collect::<Vec<_>>()
    };
    assert_eq!(draw(7).len(), 60);
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}

#[test]
fn every_framework_has_a_recipe_and_its_rows_are_as_written() {
    let matrix = Matrix::embedded();
    let recipes = embedded_recipes();
    let with_recipe: Vec<&str> = recipes.iter().map(|recipe| recipe.framework.id.as_str()).collect();
    let known: Vec<&str> = matrix.frameworks().map(|known| known.id.as_str()).collect();
    assert_eq!(with_recipe, known);
    for id in known {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("compat-matrix/frameworks/{id}.toml"));
        let bytes = std::fs::read_to_string(path).unwrap();
        let file: FrameworkFile = toml::from_str(&bytes).unwrap();
        assert!(text::file(&file) == bytes, "{id}.toml is not as `matrix update` writes it");
    }
}
