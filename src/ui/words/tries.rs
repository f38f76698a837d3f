//! Describes the choices that the packages refused, and the changes with which they lock.
//!
//! A reason is in the words of uv.

use super::changes::way_out;
use super::pieces::{listed, literals};
use super::stages::counted;
use crate::event::{OlderPackage, PackagesTry};
use crate::lock::{PackagesRefused, PackagesWayOut};
use crate::ui::page::ListItem;

/// Describes the search before the choice that fits.
pub(in crate::ui) fn went_back(tried: &[PackagesTry], found: &[String]) -> String {
    let found = listed(found);
    let Some((first, others)) = tried.split_first() else { return found };
    let (open, fixed): (Vec<_>, Vec<_>) = others.iter().partition(|tried| tried.frameworks.is_empty());
    let mut refused = fixed.into_iter().map(choice).collect::<Vec<_>>();
    let pythons = open.iter().map(|tried| tried.python.as_str()).collect::<Vec<_>>();
    if !pythons.is_empty() {
        refused.push(every_release(&listed(&pythons)));
    }
    let others = if refused.is_empty() { String::new() } else { format!("; they also refuse {}", listed(&refused)) };
    format!("the packages refuse {}: {}{others}; they accept {found}", choice(first), reason(first))
}

fn every_release(pythons: &str) -> String {
    format!("every release that fits Python {pythons}")
}

/// `pytorch 2.4.1 with Python 3.12`
fn choice(tried: &PackagesTry) -> String {
    let PackagesTry { python, frameworks, .. } = tried;
    if frameworks.is_empty() {
        return every_release(python);
    }
    format!("{} with Python {python}", listed(frameworks))
}

fn reason(tried: &PackagesTry) -> String {
    let PackagesTry { refused, reason, .. } = tried;
    match (&refused[..], reason.as_str()) {
        ([], reason) => reason.to_owned(),
        (refused, "") => literals(refused),
        (refused, reason) => format!("{} ({reason})", literals(refused)),
    }
}

/// Returns each try as an item of a list.
pub(in crate::ui) fn items(tried: &[PackagesTry]) -> Vec<ListItem> {
    tried.iter().map(|tried| ListItem { head: choice(tried), text: reason(tried) }).collect()
}

/// Describes a change with which the packages lock.
pub(in crate::ui) fn packages_way_out(way: &PackagesWayOut) -> String {
    match way {
        PackagesWayOut::Upgrade { python, frameworks } => {
            let chosen = frameworks.iter().cloned().chain([format!("Python {python}")]).collect::<Vec<_>>();
            format!("choose the frameworks again: `envctl lock --upgrade` locks with {}", listed(&chosen))
        }
        PackagesWayOut::Manifest(way) => format!("{}: with this change it locks", way_out(way)),
        PackagesWayOut::Loosen { package, asked, version } => {
            format!(
                "ask for another version of `{package}`: without the limits in {} it locks, with {version}",
                literals(asked)
            )
        }
    }
}

/// Returns the hints for packages that refuse every choice.
pub(in crate::ui) fn refused_hints(refused: &PackagesRefused) -> Vec<String> {
    let PackagesRefused { needs_build, is_complete, ways_out, tried, .. } = refused;
    let mut hints = ways_out.iter().map(packages_way_out).collect::<Vec<_>>();
    let is_enough = |way: &PackagesWayOut| !matches!(way, PackagesWayOut::Loosen { .. });
    if !needs_build.is_empty() && !ways_out.iter().any(is_enough) {
        hints.push(format!(
            "{} has no wheel: to know what it needs, its own code would have to run in a container, which envctl does \
             only with `--allow package-builds`",
            literals(needs_build)
        ));
    }
    if hints.is_empty() {
        hints.push("loosen one of the requirements named above in `[python]` or in its file".to_owned());
    }
    if !is_complete {
        hints.push(format!(
            "not every choice was tried, only {}: limit the choice with `[python] version` or a framework's version",
            tried.len()
        ));
    }
    hints
}

/// Describes packages that are old because nothing is built.
pub(in crate::ui) fn older_without_builds(packages: &[OlderPackage]) -> String {
    let one = |OlderPackage { name, locked, newest, without_wheel }: &OlderPackage| {
        format!("{name} {locked} instead of {newest} (no wheel: {})", literals(without_wheel))
    };
    let all = listed(&packages.iter().map(one).collect::<Vec<_>>());
    format!("old versions are locked, because newer ones would have to be built: {all}")
}

/// Describes the part of a project that an answer from the compatibility data does not cover.
#[must_use]
pub fn packages_not_looked_at(requirements: usize, files: usize) -> String {
    let what = [(requirements, "requirement"), (files, "requirements file")];
    let what = what.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(count, what));
    let what = listed(&what.collect::<Vec<_>>());
    format!("the packages are not looked at ({what}): `envctl check --packages` resolves them with the frameworks")
}

/// Describes packages that were resolved.
#[must_use]
pub fn packages_resolved(count: usize) -> String {
    format!(
        "{} with this answer; `envctl lock` writes them",
        if count == 1 { "1 package goes".to_owned() } else { format!("{count} packages go") }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(python: &str, frameworks: &[&str], refused: &[&str], reason: &str) -> PackagesTry {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let (frameworks, refused) = (owned(frameworks), owned(refused));
        PackagesTry { python: python.to_owned(), frameworks, refused, reason: reason.to_owned() }
    }

    #[test]
    fn a_search_says_what_it_tried() {
        let first = tried("3.14", &["pytorch 2.15.0"], &["numpy"], "numpy==1.19.2 has no wheels for it");
        let second = tried("3.13", &["pytorch 2.15.0"], &["numpy"], "…");
        let open = tried("3.13", &[], &[], "nothing fits");
        let found = ["pytorch 2.8.0".to_owned(), "Python 3.9".to_owned()];
        insta::assert_snapshot!(went_back(&[first.clone(), second, open.clone()], &found), @"the packages refuse pytorch 2.15.0 with Python 3.14: `numpy` (numpy==1.19.2 has no wheels for it); they also refuse pytorch 2.15.0 with Python 3.13 and every release that fits Python 3.13; they accept pytorch 2.8.0 and Python 3.9");
        insta::assert_snapshot!(went_back(std::slice::from_ref(&first), &found), @"the packages refuse pytorch 2.15.0 with Python 3.14: `numpy` (numpy==1.19.2 has no wheels for it); they accept pytorch 2.8.0 and Python 3.9");
        let items = items(&[first, open]).iter().map(ListItem::line).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(items, @r"
        pytorch 2.15.0 with Python 3.14  `numpy` (numpy==1.19.2 has no wheels for it)
        every release that fits Python 3.13  nothing fits
        ");
    }

    #[test]
    fn a_no_names_the_changes_that_work() {
        let mut refused = PackagesRefused {
            explanation: Vec::new(),
            needs_build: vec!["numpy".to_owned()],
            tried: vec![tried("3.14", &["pytorch 2.15.0"], &["numpy"], "it has no wheels")],
            is_complete: false,
            ways_out: Vec::new(),
        };
        insta::assert_snapshot!(refused_hints(&refused).join("\n"), @r"
        `numpy` has no wheel: to know what it needs, its own code would have to run in a container, which envctl does only with `--allow package-builds`
        not every choice was tried, only 1: limit the choice with `[python] version` or a framework's version
        ");
        refused.is_complete = true;
        refused.needs_build = Vec::new();
        insta::assert_snapshot!(refused_hints(&refused).join("\n"), @"loosen one of the requirements named above in `[python]` or in its file");
        let loosen = PackagesWayOut::Loosen {
            package: "numpy".to_owned(),
            asked: vec!["numpy==1.19.2".to_owned()],
            version: "2.3.5".to_owned(),
        };
        let upgrade = PackagesWayOut::Upgrade { python: "3.9".to_owned(), frameworks: vec!["jax 0.4.30".to_owned()] };
        refused.ways_out = vec![upgrade, loosen];
        insta::assert_snapshot!(refused_hints(&refused).join("\n"), @r"
        choose the frameworks again: `envctl lock --upgrade` locks with jax 0.4.30 and Python 3.9
        ask for another version of `numpy`: without the limits in `numpy==1.19.2` it locks, with 2.3.5
        ");
    }
}
