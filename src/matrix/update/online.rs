//! `matrix verify --online`: selects releases by a seed and compares their rows with the published files of today.
//!
//! An unreadable build never passes. A build stays unverified when a vendor's index does not answer or when no readable
//! index lists the build.

use std::collections::BTreeMap;

use serde::Serialize;

use super::diff::{RowChange, changed};
use super::index::{IndexError, PackageIndex, Wheels};
use super::recipe::FrameworkRecipe;
use super::snapshot::{ARCHES, Snapshot};
use super::wheel_rows::common_rows;
use crate::event::{Notice, Sink};
use crate::matrix::rows::{BuildRow, FrameworkFile, ReleaseRow};

/// One selected release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drawn {
    /// `pytorch`
    pub framework: String,
    /// `2.4.1`
    pub release: String,
    /// The results of its comparison.
    pub outcomes: Vec<ComparisonOutcome>,
}

/// The result of comparing a row with the published files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum ComparisonOutcome {
    /// The builds of the default index are as published.
    Agrees {
        /// The variants of the builds.
        variants: Vec<String>,
    },
    /// The builds differ from the published files.
    Differs {
        /// Lines of the row that no published file supports.
        row: Vec<String>,
        /// Lines from the published files.
        published: Vec<String>,
    },
    /// The build could not be compared.
    Unverified {
        /// The variant of the build.
        variant: String,
        /// The index of the build.
        index: String,
        reason: String,
    },
}

/// Selects `count` releases of `files` by `seed` and compares them. The same seed and rows select the same releases.
///
/// # Errors
///
/// The default index does not answer, so no row was compared.
pub fn verify(
    files: &[&FrameworkFile],
    recipes: &[FrameworkRecipe],
    index: &mut dyn PackageIndex,
    seed: u64,
    count: usize,
    sink: &dyn Sink,
) -> Result<Vec<Drawn>, IndexError> {
    let mut drawn = draw(files, seed, count);
    drawn.sort_by(|a, b| (&a.0.framework.id, &a.1.version).cmp(&(&b.0.framework.id, &b.1.version)));
    let (mut verdicts, mut vendors) = (Vec::new(), VendorIndexes::default());
    for file in files {
        let id = &file.framework.id;
        let rows: Vec<&ReleaseRow> =
            drawn.iter().filter(|(of, _)| of.framework.id == *id).map(|(_, row)| *row).collect();
        if rows.is_empty() {
            continue;
        }
        sink.emit(Notice::ComparingReleases { count: rows.len(), framework: id.to_string() }.into());
        let recipe = recipes.iter().find(|recipe| recipe.framework.id == *id);
        let compared = match recipe {
            Some(recipe) => compare(recipe, &rows, index, &mut vendors)?,
            None => rows.iter().map(|row| without_recipe(row)).collect(),
        };
        let named = rows.iter().zip(compared);
        verdicts.extend(named.map(|(row, outcomes)| Drawn {
            framework: id.to_string(),
            release: row.version.to_string(),
            outcomes,
        }));
    }
    Ok(verdicts)
}

/// Draws releases without replacement, each with the same probability.
fn draw<'a>(files: &[&'a FrameworkFile], seed: u64, count: usize) -> Vec<(&'a FrameworkFile, &'a ReleaseRow)> {
    let mut left: Vec<_> = files.iter().flat_map(|file| file.releases.iter().map(move |row| (*file, row))).collect();
    let mut state = seed;
    let mut drawn = Vec::new();
    while drawn.len() < count && !left.is_empty() {
        let at = split_mix(&mut state) % left.len() as u64;
        drawn.push(left.swap_remove(usize::try_from(at).expect("below a length")));
    }
    drawn
}

/// `SplitMix64`: a small generator with the same results on every machine.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn without_recipe(row: &ReleaseRow) -> Vec<ComparisonOutcome> {
    let unverified = |build: &BuildRow| ComparisonOutcome::Unverified {
        variant: build.variant.clone(),
        index: build.index.clone(),
        reason: "no recipe says how its rows are made".to_owned(),
    };
    row.builds.iter().map(unverified).collect()
}

fn compare(
    recipe: &FrameworkRecipe,
    rows: &[&ReleaseRow],
    index: &mut dyn PackageIndex,
    vendors: &mut VendorIndexes,
) -> Result<Vec<Vec<ComparisonOutcome>>, IndexError> {
    let wanted = |version: &pep440_rs::Version| rows.iter().any(|row| row.version.pep440() == version);
    let snapshot = Snapshot::read(recipe, index, &wanted, None)?;
    let published = super::derive::derive(recipe, &snapshot, None, "");
    let mut all = Vec::new();
    for row in rows {
        let fresh = published.releases.iter().find(|fresh| fresh.version == row.version);
        let mut outcomes = Vec::new();
        let (on_default, elsewhere): (Vec<_>, Vec<_>) =
            row.builds.iter().partition(|build| is_read(recipe, build, row));
        if !on_default.is_empty() {
            outcomes.push(default_index(recipe, row, fresh, &on_default));
        }
        outcomes.extend(elsewhere.into_iter().map(|build| vendor_index(row, build, index, vendors)));
        all.push(outcomes);
    }
    Ok(all)
}

/// Whether a rule reads this build from the default index.
fn is_read(recipe: &FrameworkRecipe, build: &BuildRow, row: &ReleaseRow) -> bool {
    recipe.builds.iter().any(|rule| {
        rule.is_derived()
            && recipe.package(rule) == build.package
            && rule.extras == build.extras
            && build.index == "default"
            && rule.releases.contains(row.version.pep440())
    })
}

fn default_index(
    recipe: &FrameworkRecipe,
    row: &ReleaseRow,
    fresh: Option<&ReleaseRow>,
    builds: &[&BuildRow],
) -> ComparisonOutcome {
    let only = |row: &ReleaseRow| ReleaseRow {
        builds: row.builds.iter().filter(|build| is_read(recipe, build, row)).cloned().collect(),
        ..row.clone()
    };
    let ours = only(row);
    let gone = ReleaseRow { builds: Vec::new(), ..ours.clone() };
    match changed(&ours, &fresh.map_or(gone, only)) {
        RowChange::Changed { before, after, .. } if before.is_empty() && after.is_empty() => {
            ComparisonOutcome::Agrees { variants: builds.iter().map(|build| build.variant.clone()).collect() }
        }
        RowChange::Changed { before, after, .. } => ComparisonOutcome::Differs { row: before, published: after },
        RowChange::Added { .. } | RowChange::Removed { .. } => unreachable!("`changed` compares two rows"),
    }
}

/// Vendors' pages. Each is requested once. If a host does not answer, its other pages are not requested.
#[derive(Default)]
struct VendorIndexes {
    pages: BTreeMap<(String, String), Result<Wheels, String>>,
    silent: BTreeMap<String, String>,
}

/// The starts of pip's errors when a host does not answer. Another page of that host would need the same waiting time.
const SILENCE: [&str; 5] = ["ConnectionError", "ConnectTimeout", "ReadTimeout", "ProxyError", "SSLError"];

impl VendorIndexes {
    /// The wheels of a package on a vendor's index, or the reason why they are unknown.
    fn wheels(&mut self, index: &mut dyn PackageIndex, address: &str, package: &str) -> Result<&Wheels, String> {
        let host = address.split('/').nth(2).unwrap_or_default();
        let key = (address.to_owned(), package.to_owned());
        if !self.pages.contains_key(&key) {
            let page = match self.silent.get(host) {
                Some(reason) => Err(reason.clone()),
                None => match index.pages(Some(address), &[package.to_owned()]).pop() {
                    Some(Ok(files)) => Ok(Wheels::of(files)),
                    Some(Err(error)) => {
                        let is_silence = |message: &String| SILENCE.iter().any(|word| message.starts_with(word));
                        if matches!(&error, IndexError::Unreachable { message, .. } if is_silence(message)) {
                            self.silent.insert(host.to_owned(), error.to_string());
                        }
                        Err(error.to_string())
                    }
                    None => Err("no answer".to_owned()),
                },
            };
            self.pages.insert(key.clone(), page);
        }
        self.pages[&key].as_ref().map_err(Clone::clone)
    }
}

fn vendor_index(
    row: &ReleaseRow,
    build: &BuildRow,
    index: &mut dyn PackageIndex,
    vendors: &mut VendorIndexes,
) -> ComparisonOutcome {
    let unverified = |reason: &str| ComparisonOutcome::Unverified {
        variant: build.variant.clone(),
        index: build.index.clone(),
        reason: reason.to_owned(),
    };
    if build.index == "default" {
        return unverified("its row is curated: the index holds it no more");
    }
    let wheels = match vendors.wheels(index, &build.index, &build.package) {
        // The index is a folder of files per release, or has wheels of another name. So it is not an index of this
        // package.
        Ok(wheels) if wheels.0.is_empty() => return unverified("it lists no wheel of that package"),
        Ok(wheels) => wheels,
        Err(reason) => return unverified(&reason),
    };
    let version = format!("{}{}", row.version, build.version_suffix());
    let found = version.parse().ok().and_then(|version: pep440_rs::Version| wheels.0.get(&version));
    let rows = common_rows(&[found.map_or(&[][..], Vec::as_slice)], &ARCHES, &[]);
    let pythons = |rows: &[crate::matrix::rows::WheelRow]| {
        let pairs = rows.iter().flat_map(|row| row.python.iter().map(move |python| format!("{:?} {python}", row.arch)));
        pairs.collect::<std::collections::BTreeSet<_>>()
    };
    let (ours, theirs) = (pythons(&build.wheels), pythons(&rows));
    if ours == theirs {
        ComparisonOutcome::Agrees { variants: vec![build.variant.clone()] }
    } else {
        ComparisonOutcome::Differs { row: ours.into_iter().collect(), published: theirs.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::index::{Published, WheelMember};
    use super::*;

    /// An index that counts its questions and answers for one host alone.
    struct Vendors(usize);

    impl PackageIndex for Vendors {
        fn pages(&mut self, index: Option<&str>, packages: &[String]) -> Vec<Result<Vec<Published>, IndexError>> {
            self.0 += 1;
            let message = match index {
                Some(address) if address.contains("refusing") => "HTTPError: 403".to_owned(),
                _ => "ConnectionError: no route".to_owned(),
            };
            vec![Err(IndexError::Unreachable { what: packages[0].clone(), message })]
        }

        fn members(&mut self, _: &[WheelMember]) -> Vec<Result<Option<String>, IndexError>> {
            Vec::new()
        }
    }

    #[test]
    fn a_host_that_does_not_answer_is_asked_once_and_verifies_nothing() {
        let (mut index, mut vendors) = (Vendors(0), VendorIndexes::default());
        let mut ask = |address: &str| vendors.wheels(&mut index, address, "torch").unwrap_err();
        for address in ["https://silent.example/cu118", "https://silent.example/cu121"] {
            assert!(ask(address).contains("ConnectionError"));
        }
        for address in ["https://refusing.example/cu118", "https://refusing.example/cu121"] {
            assert!(ask(address).contains("403"));
        }
        assert_eq!(index.0, 3);
    }
}
