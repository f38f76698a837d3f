//! The readers of other tools' files: no text makes one fail, and every line that one names exists.

use envctl::foreign;
use proptest::prelude::*;

/// Pieces of the formats, and what breaks readers that count bytes.
const PIECES: &[&str] = &[
    "[project]\n",
    "dependencies = [",
    "]\n",
    "\"torch>=2\"",
    ",",
    "\n",
    "=",
    "==",
    "{",
    "}",
    "[",
    "(",
    ")",
    "'",
    "\"",
    "\"\"\"",
    "\\",
    "\\\n",
    "#",
    " ",
    "\t",
    "é",
    "\u{2028}",
    "\u{feff}",
    "- ",
    "  - pip:\n    - x\n",
    "dependencies:\n",
    "name: x\n",
    ": ",
    "&a ",
    "*a",
    "|\n",
    "install_requires",
    "extras_require={",
    "setup(",
    "FROM nvidia/cuda:12.1\n",
    "RUN pip install x",
    "ENV A=b",
    "ARG X=${X}$X\n",
    "docker run ",
    "-p",
    "-v $(pwd):/x",
    "--gpus ",
    "device=",
    "$",
    "`",
    "^1.",
    "~",
    "9",
    "999999999999999999999",
    "import a.b",
    "from . import c",
    "numpy=1.2=py_0\n",
    "::",
    "!=",
    "//",
    "/*",
    "*/",
    "null",
    "true",
    "\r",
    "@",
    ";",
    "&&",
    "||",
    "<<EOF\n",
    "[tool.poetry.dependencies]\n",
    "x = \"^1\"\n",
    "build:\n",
];

fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat());
    prop_oneof![pieces, "(?s).{0,80}"]
}

fn within(text: &str, line: usize) {
    assert!((1..=text.matches('\n').count() + 1).contains(&line), "line {line} of {text:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_makes_a_reader_fail(text in texts()) {
        match foreign::read_pyproject(&text) {
            Ok(project) => {
                project.dependencies.iter().for_each(|line| within(&text, line.line));
                let extras: Vec<_> = project.extras.keys().filter_map(|name| name.parse().ok()).collect();
                let _ = project.select(foreign::Selection { extras: &extras, groups: &[] });
            }
            Err(bad) => within(&text, bad.line),
        }
        for read in [foreign::read_setup_py, foreign::read_setup_cfg] {
            match read(&text) {
                Ok(setup) => setup.dependencies.iter().for_each(|line| within(&text, line.line)),
                Err(bad) => within(&text, bad.line),
            }
        }
        match foreign::read_environment(&text) {
            Ok(file) => file.specs.iter().for_each(|spec| within(&text, spec.line)),
            Err(bad) => within(&text, bad.line),
        }
        if let Ok(file) = foreign::read_dockerfile(&text) {
            file.from.iter().for_each(|from| within(&text, from.line));
        }
        let _ = foreign::is_conda_list(&text);
        let _ = (foreign::read_conda_list(&text), foreign::read_pipfile(&text), foreign::read_cog(&text));
        let _ = (foreign::read_devcontainer(&text), foreign::read_docker_run(&text), foreign::shell_words(&text));
        for line in foreign::top_level_imports(&text).values() {
            within(&text, *line);
        }
    }
}

#[test]
fn nesting_and_length_are_bounded() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    assert!(foreign::read_pyproject(&format!("x = {}", deep("[", "]"))).is_err());
    assert!(foreign::read_environment(&deep("[", "]")).is_err());
    assert!(foreign::read_devcontainer(&deep("[", "]")).is_err());
    assert!(
        foreign::read_setup_py(&format!("setup(install_requires={})", deep("[", "]"))).unwrap().dependencies.is_empty()
    );
    let long = "x\n".repeat(3_000_000);
    assert!(foreign::read_setup_py(&long).is_err() && foreign::read_setup_cfg(&long).is_err());
    assert!(foreign::read_dockerfile(&long).is_err() && foreign::read_environment(&long).is_err());
    assert!(foreign::shell_words(&long).is_none());
}
