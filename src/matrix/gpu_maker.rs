//! The makers of GPUs that are not NVIDIA's, by the words in the names of their products.

use std::fmt;

/// A maker of GPUs that no CUDA runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GpuMaker {
    Amd,
    Apple,
    Intel,
}

impl GpuMaker {
    /// The maker of the product with this name; none if the name tells none, as every name of NVIDIA.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let split = |c: char| !c.is_ascii_alphanumeric();
        let words = lower.split(split).filter(|word| !word.is_empty()).collect::<Vec<_>>();
        if words.iter().any(|word| matches!(*word, "nvidia" | "geforce" | "quadro" | "tesla" | "rtx" | "gtx")) {
            return None;
        }
        words.iter().find_map(|word| match *word {
            "amd" | "radeon" | "instinct" | "rx" | "vega" | "firepro" => Some(Self::Amd),
            // NVIDIA has an M4 and an M6.
            "apple" | "m1" | "m2" | "m3" | "m5" => Some(Self::Apple),
            "intel" | "arc" | "gaudi" => Some(Self::Intel),
            word if is_series(word, "rx", 3..=4) || is_series(word, "mi", 2..=3) => Some(Self::Amd),
            _ => None,
        })
    }
}

/// Whether a word is a series with a number, such as `mi300x`.
fn is_series(word: &str, series: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    let number = word.strip_prefix(series).map(|rest| rest.trim_end_matches(|c: char| c.is_ascii_alphabetic()));
    number.is_some_and(|number| digits.contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()))
}

impl fmt::Display for GpuMaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Amd => "AMD",
            Self::Apple => "Apple",
            Self::Intel => "Intel",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;

    #[test]
    fn other_makers_are_told_by_their_names() {
        for (name, maker) in [
            ("Radeon RX 7900 XTX", GpuMaker::Amd),
            ("RX7900", GpuMaker::Amd),
            ("Instinct MI300X", GpuMaker::Amd),
            ("mi250", GpuMaker::Amd),
            ("Apple M2 Max", GpuMaker::Apple),
            ("M3", GpuMaker::Apple),
            ("Arc A770", GpuMaker::Intel),
        ] {
            assert_eq!(GpuMaker::of(name), Some(maker), "{name}");
        }
        assert_eq!(GpuMaker::of("RTX 9999"), None);
        assert_eq!(GpuMaker::of("M999"), None);
    }

    #[test]
    fn no_product_of_nvidia_is_taken_for_another_makers() {
        let matrix = Matrix::embedded();
        let names = matrix.gpus().iter().flat_map(|row| std::iter::once(&row.name).chain(&row.aliases));
        assert_eq!(names.filter(|name| GpuMaker::of(name).is_some()).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
