//! What an update of the rows changes, and how rows compare with what is published.

use crate::matrix::update::{Change, Drawn, Outcome, Update};

use super::Paint;

/// The difference, release by release.
#[must_use]
pub fn updates(updates: &[Update], paint: Paint) -> String {
    let mut text = String::new();
    for update in updates {
        let count = |wanted: fn(&Change) -> bool| update.changes.iter().filter(|change| wanted(change)).count();
        let added = count(|change| matches!(change, Change::Added { .. }));
        let changed = count(|change| matches!(change, Change::Changed { .. }));
        let removed = count(|change| matches!(change, Change::Removed { .. }));
        let head = format!("{}: {} releases", update.id, update.file.releases.len());
        text += &format!("{}, {added} new, {changed} changed, {removed} gone\n", paint.bold(&head));
        for change in &update.changes {
            text += &self::change(change, paint);
        }
        for problem in &update.problems {
            text += &format!("  {} {problem}\n", paint.red("wrong:"));
        }
    }
    text
}

fn change(change: &Change, paint: Paint) -> String {
    match change {
        Change::Added { release, variants } => {
            format!("  {}\n", paint.green(&format!("+ {release}  {}", variants.join(", "))))
        }
        Change::Removed { release } => format!("  {}\n", paint.red(&format!("- {release}"))),
        Change::Changed { release, before, after } => {
            let gone = before.iter().map(|line| format!("      {}\n", paint.red(&format!("- {line}"))));
            let come = after.iter().map(|line| format!("      {}\n", paint.green(&format!("+ {line}"))));
            std::iter::once(format!("  ~ {release}\n")).chain(gone).chain(come).collect()
        }
    }
}

/// Each release drawn, and the sum of it.
#[must_use]
pub fn drawn(drawn: &[Drawn], seed: u64, paint: Paint) -> String {
    let mut text = String::new();
    let (mut agree, mut differ, mut unverified) = (0, 0, 0);
    for release in drawn {
        let name = format!("{} {}", release.framework, release.release);
        for outcome in &release.outcomes {
            match outcome {
                Outcome::Agrees { variants } => {
                    agree += variants.len();
                    text += &format!("{}  {name}  {}\n", paint.green("    agrees"), variants.join(", "));
                }
                Outcome::Differs { row, published } => {
                    differ += 1;
                    text += &format!("{}  {name}\n", paint.red("   differs"));
                    text += &row.iter().map(|line| format!("      row:       {line}\n")).collect::<String>();
                    text += &published.iter().map(|line| format!("      published: {line}\n")).collect::<String>();
                }
                Outcome::Unverified { variant, index, .. } => {
                    unverified += 1;
                    text += &format!("{}  {name}  {variant} ({index})\n", paint.yellow("unverified"));
                }
            }
        }
    }
    let releases = drawn.len();
    text + &format!(
        "{releases} releases drawn by seed {seed}: {agree} builds agree, {differ} rows differ, {unverified} builds unverified\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_verified_is_never_passed() {
        let outcomes = vec![
            Outcome::Agrees { variants: vec!["cu121".into()] },
            Outcome::Unverified {
                variant: "cu118".into(),
                index: "https://index.example".into(),
                reason: "silence".into(),
            },
        ];
        let drawn = [Drawn { framework: "pytorch".into(), release: "2.4.1".into(), outcomes }];
        assert_eq!(
            super::drawn(&drawn, 7, Paint(false)),
            "    agrees  pytorch 2.4.1  cu121\n\
             unverified  pytorch 2.4.1  cu118 (https://index.example)\n\
             1 releases drawn by seed 7: 1 builds agree, 0 rows differ, 1 builds unverified\n"
        );
    }

    #[test]
    fn a_change_shows_its_lines() {
        let change = Change::Changed {
            release: "2.4.1".into(),
            before: vec!["cudnn = \"9.1\"".into()],
            after: vec!["cudnn = \"9.1.0.70\"".into()],
        };
        let expected = "  ~ 2.4.1\n      - cudnn = \"9.1\"\n      + cudnn = \"9.1.0.70\"\n";
        assert_eq!(super::change(&change, Paint(false)), expected);
    }
}
