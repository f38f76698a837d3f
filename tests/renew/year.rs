//! Rows of a year before the last update, then one `matrix update` with the real index: the result must be the
//! checked-in bytes, also after new releases.

use std::path::Path;

use super::{envctl, matrix, works};

/// The day the checked-in rows were read, the day after, and the day of the cut.
struct Days {
    read: String,
    after: String,
    cut: String,
}

fn days() -> Days {
    let read = envctl::matrix::Matrix::embedded().newest_check().to_owned();
    let (year, rest) = read.split_at(4);
    let cut = format!("{}{rest}", year.parse::<u32>().unwrap() - 1);
    let seconds = (0..).map(|day| day * 86_400);
    let after = seconds.map(envctl::matrix::update::day_of).find(|day| *day > read).unwrap();
    Days { read, after, cut }
}

#[test]
fn a_matrix_cut_off_a_year_ago_comes_back_byte_for_byte() {
    let (days, folder) = (days(), tempfile::tempdir().unwrap());
    copy(&matrix(), folder.path());
    let update = |arguments: &[&str]| {
        let output = as_the_caller().args(["matrix", "update", "--matrix"]).arg(folder.path()).args(arguments).output();
        works(&output.unwrap())
    };
    eprintln!("== the rows as of {}\n{}", days.cut, update(&["--exclude-newer", &days.cut]));
    let frameworks = frameworks();
    assert!(
        frameworks.iter().any(|name| rows(folder.path(), name).len() < rows(&matrix(), name).len()),
        "nothing was cut"
    );
    eprintln!("== and renewed to the end of {}\n{}", days.read, update(&["--exclude-newer", &days.after]));
    for name in frameworks {
        let (found, kept) = (rows(folder.path(), &name), rows(&matrix(), &name));
        assert!(found == kept, "{name} is not as it is checked in; `diff -u` of {kept:?} and {found:?}");
    }
}

/// Every framework's file.
fn frameworks() -> Vec<String> {
    let files = matrix().join("frameworks").read_dir().unwrap();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    names
}

/// The file without the days on which its rows were checked: they are today's for each row that came back.
fn rows(folder: &Path, name: &str) -> String {
    let text = std::fs::read_to_string(folder.join("frameworks").join(name)).unwrap();
    text.lines().filter(|line| !line.starts_with("checked = ")).map(|line| format!("{line}\n")).collect()
}

/// envctl with the caller's own pip settings, cache and proxies.
fn as_the_caller() -> std::process::Command {
    let mut command = envctl(Path::new("/"), &[]);
    command.env_remove("PIP_CONFIG_FILE").envs(std::env::vars_os());
    command
}

fn copy(from: &Path, to: &Path) {
    for entry in from.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&there).unwrap();
            copy(&path, &there);
        } else {
            std::fs::copy(&path, there).unwrap();
        }
    }
}
