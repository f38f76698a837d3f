//! Describes the changes of an update of the compatibility data, and its comparison with the published packages.
//!
//! The lines name each release that is new, changed or removed.

use std::collections::BTreeMap;

use crate::matrix::site::Fetched;
use crate::matrix::update::{ComparisonOutcome, Drawn, RowChange, Update};

use super::Paint;

/// Describes the changes, release by release.
#[must_use]
pub fn updates(updates: &[Update], paint: Paint) -> String {
    joined(updates.iter().flat_map(|update| self::update(update, paint)))
}

fn update(update: &Update, paint: Paint) -> Vec<String> {
    let count = |wanted: fn(&RowChange) -> bool| update.changes.iter().filter(|change| wanted(change)).count();
    let added = count(|change| matches!(change, RowChange::Added { .. }));
    let changed = count(|change| matches!(change, RowChange::Changed { .. }));
    let removed = count(|change| matches!(change, RowChange::Removed { .. }));
    let head = paint.bold(&format!("{}: {} releases", update.id, update.file.releases.len()));
    let mut lines = vec![format!("{head}, {added} new, {changed} changed, {removed} gone")];
    lines.extend(update.changes.iter().flat_map(|change| self::change(change, paint)));
    lines.extend(update.problems.iter().map(|problem| format!("  {} {problem}", paint.red("wrong:"))));
    lines
}

fn change(change: &RowChange, paint: Paint) -> Vec<String> {
    match change {
        RowChange::Added { release, variants } => {
            vec![format!("  {}", paint.green(&format!("+ {release}  {}", variants.join(", "))))]
        }
        RowChange::Removed { release } => vec![format!("  {}", paint.red(&format!("- {release}")))],
        RowChange::Changed { release, before, after } => {
            let mut lines = vec![format!("  ~ {release}")];
            lines.extend(before.iter().map(|line| format!("      {}", paint.red(&format!("- {line}")))));
            lines.extend(after.iter().map(|line| format!("      {}", paint.green(&format!("+ {line}")))));
            lines
        }
    }
}

/// Lists the sources of rows that were fetched.
#[must_use]
pub fn fetched(all: &[Fetched]) -> String {
    joined(all.iter().map(|Fetched { source, digest, files, unchanged }| {
        let news = if *unchanged { "unchanged" } else { "new" };
        let files = if *files == 1 { "1 file".to_owned() } else { format!("{files} files") };
        format!("{source}: {news}, {files}, sha256 {digest}")
    }))
}

/// Describes the comparison of each selected release, and the totals.
#[must_use]
pub fn drawn(drawn: &[Drawn], seed: u64, paint: Paint) -> String {
    let (mut agree, mut differ, mut unverified) = (0, 0, 0);
    for outcome in drawn.iter().flat_map(|release| &release.outcomes) {
        match outcome {
            ComparisonOutcome::Agrees { variants } => agree += variants.len(),
            ComparisonOutcome::Differs { .. } => differ += 1,
            ComparisonOutcome::Unverified { .. } => unverified += 1,
        }
    }
    let releases = drawn.len();
    let sum = format!(
        "{releases} releases drawn by seed {seed}: {agree} builds agree, {differ} rows differ, {unverified} builds \
         unverified"
    );
    let each = drawn.iter().flat_map(|release| {
        let name = format!("{} {}", release.framework, release.release);
        release.outcomes.iter().flat_map(move |outcome| self::outcome(&name, outcome, paint))
    });
    joined(each.chain([sum]).chain(not_verified(drawn)))
}

/// Describes why builds could not be verified, host by host.
fn not_verified(drawn: &[Drawn]) -> Vec<String> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for outcome in drawn.iter().flat_map(|release| &release.outcomes) {
        if let ComparisonOutcome::Unverified { index, reason, .. } = outcome {
            let host = index.split('/').nth(2).unwrap_or(index);
            *counts.entry((host, reason)).or_default() += 1;
        }
    }
    counts.into_iter().map(|((host, reason), count)| format!("  {count} unverified on {host}: {reason}")).collect()
}

fn outcome(name: &str, outcome: &ComparisonOutcome, paint: Paint) -> Vec<String> {
    match outcome {
        ComparisonOutcome::Agrees { variants } => {
            vec![format!("{}  {name}  {}", paint.green("    agrees"), variants.join(", "))]
        }
        ComparisonOutcome::Differs { row, published } => {
            let mut lines = vec![format!("{}  {name}", paint.red("   differs"))];
            lines.extend(row.iter().map(|line| format!("      row:       {line}")));
            lines.extend(published.iter().map(|line| format!("      published: {line}")));
            lines
        }
        ComparisonOutcome::Unverified { variant, index, .. } => {
            vec![format!("{}  {name}  {variant} ({index})", paint.yellow("unverified"))]
        }
    }
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    lines.chain([String::new()]).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_verified_is_never_passed() {
        let outcomes = vec![
            ComparisonOutcome::Agrees { variants: vec!["cu121".into()] },
            ComparisonOutcome::Unverified {
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
             1 releases drawn by seed 7: 1 builds agree, 0 rows differ, 1 builds unverified\n  \
             1 unverified on index.example: silence\n"
        );
    }

    #[test]
    fn a_change_shows_its_lines() {
        let change = RowChange::Changed {
            release: "2.4.1".into(),
            before: vec!["cudnn = \"9.1\"".into()],
            after: vec!["cudnn = \"9.1.0.70\"".into()],
        };
        let expected = ["  ~ 2.4.1", "      - cudnn = \"9.1\"", "      + cudnn = \"9.1.0.70\""];
        assert_eq!(super::change(&change, Paint(false)), expected);
    }
}
