//! The name of a GPU product, in the form of a user or of the driver.
//!
//! Two spellings of one product must be equal here, and two chips must never be equal.

use std::fmt;

/// A product name without the parts that do not decide the chip: maker, brand, memory, form factor, letter case.
///
/// `NVIDIA A100-SXM4-80GB`, `Tesla A100 80GB PCIe` and `a100` are one name. `Quadro`, `Ti`, `SUPER`, `Ada` and `Laptop`
/// remain, because they can mean another chip.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProductName(String);

/// Words that carry no information about the chip.
const SILENT: [&str; 25] = [
    "nvidia",
    "corporation",
    "geforce",
    "tesla",
    "grid",
    "nvgpu",
    "gpu",
    "graphics",
    "card",
    "accelerator",
    "tensor",
    "core",
    "generation",
    "edition",
    "founders",
    "pcie",
    "pci",
    "nvl",
    "hbm2",
    "hbm2e",
    "hbm3",
    "hbm3e",
    "oem",
    "embedded",
    "nvl72",
];

impl ProductName {
    /// The product name in `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let whole = lower.split(" mig ").next().unwrap_or_default();
        let split = |c: char| c.is_whitespace() || matches!(c, '-' | '_' | '(' | ')' | '/' | ',');
        let words = whole.split(split).filter(|word| !word.is_empty()).collect::<Vec<_>>();
        let telling = |word: &&str| !SILENT.contains(word) && !is_memory(word) && !is_form_factor(word);
        let kept = words.iter().copied().filter(telling).collect::<Vec<_>>();
        Self(attach(if kept.is_empty() { words } else { kept }))
    }

    /// The name without the words of a mobile part, for mobile parts with the desktop part's chip.
    pub(super) fn desktop(&self) -> Self {
        let mobile = |word: &&str| !matches!(*word, "laptop" | "max" | "q" | "with" | "design" | "mobile" | "d");
        Self(self.0.split(' ').filter(mobile).collect::<Vec<_>>().join(" "))
    }

    /// The name with `Quadro` added or removed, because people omit it (`P2000`) or add it to its successors (`Quadro
    /// T1000`). An RTX name has no such form: a `Quadro RTX 6000` and an `RTX 6000 Ada` are different chips, and `RTX
    /// 6000` can mean either.
    fn with_or_without_quadro(&self) -> Option<Self> {
        let bare = self.0.strip_prefix("quadro ");
        let number = bare.unwrap_or(&self.0).strip_prefix("rtx ");
        let ambiguous = number.is_some_and(|number| number.starts_with(|first: char| first.is_ascii_digit()));
        let other = bare.map_or_else(|| format!("quadro {}", self.0), str::to_owned);
        (!ambiguous).then_some(Self(other))
    }

    /// The name itself, then its short forms: without its series (`3090`), with or without `Quadro`.
    pub(super) fn spellings(&self) -> impl Iterator<Item = Self> {
        let number = self.0.starts_with(|first: char| first.is_ascii_digit());
        let series = ["rtx", "gtx", "gt"].into_iter().filter(move |_| number);
        let with_series = series.map(|series| Self(format!("{series} {}", self.0)));
        std::iter::once(self.clone()).chain(with_series).chain(self.with_or_without_quadro())
    }

    /// The similarity of two names, from 0 to 1. A name with all words of the other is similar; each additional word
    /// makes it less similar.
    pub(super) fn likeness(&self, wanted: &Self) -> f64 {
        const PER_ADDED_WORD: f64 = 0.04;
        let own = self.0.split(' ').collect::<Vec<_>>();
        if !wanted.0.split(' ').all(|word| own.contains(&word)) {
            return strsim::jaro_winkler(&self.0, &wanted.0);
        }
        let added = own.len().saturating_sub(wanted.0.split(' ').count()).min(8);
        (0..added).fold(1.0, |likeness, _| likeness - PER_ADDED_WORD)
    }
}

impl fmt::Display for ProductName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a word is a memory size: `80gb`, `24g`.
fn is_memory(word: &str) -> bool {
    let number = word.strip_suffix("gb").or_else(|| word.strip_suffix("gib")).or_else(|| word.strip_suffix('g'));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a word is a form factor (`sxm2`) or the profile of a virtual GPU (`48q` of `A40-48Q`).
fn is_form_factor(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    word.strip_prefix("sxm").is_some_and(|rest| rest.is_empty() || digits(rest))
        || word.strip_suffix(['q', 'c', 'b', 'a']).is_some_and(|memory| memory.len() <= 2 && digits(memory))
}

/// Splits joined words: `3090ti` becomes `3090 ti`, and `rtx3090` becomes `rtx 3090`.
fn attach(words: Vec<&str>) -> String {
    let mut name = String::new();
    for word in words {
        let series = ["rtx", "gtx", "gts", "gt"].into_iter().find(|series| {
            word.strip_prefix(series).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        });
        let (series, rest) = word.split_at(series.map_or(0, str::len));
        let suffix = ["super", "ti"].into_iter().find(|suffix| {
            rest.strip_suffix(suffix)
                .is_some_and(|number| number.len() >= 3 && number.bytes().all(|b| b.is_ascii_digit()))
        });
        let (number, suffix) = rest.split_at(rest.len() - suffix.map_or(0, str::len));
        for part in [series, number, suffix].into_iter().filter(|part| !part.is_empty()) {
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(part);
        }
    }
    name
}
