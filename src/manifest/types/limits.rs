//! Types of sizes and resource limits.
//!
//! They accept the units and names of Docker.

use std::fmt;
use std::str::FromStr;

use super::{ValueError, checked_text};

/// A size in bytes, written `8g`, `512m` or `64MiB`. As in Docker, the units are powers of 1024.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

impl FromStr for ByteSize {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let error = |why| {
            let allowed = "a number with `b`, `k`, `m`, `g` or `t` (in 1024s), such as `8g` or `512MiB`";
            ValueError::new(text, "a size", why, allowed)
        };
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit = unit.trim_start().to_ascii_lowercase();
        let factor = match unit.as_str() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 10,
            "m" | "mb" | "mib" => 20,
            "g" | "gb" | "gib" => 30,
            "t" | "tb" | "tib" => 40,
            _ => return Err(error("its unit is not known")),
        };
        let bytes = scaled(number, factor).ok_or_else(|| error("its number can't be read"))?;
        if bytes == 0 { Err(error("it is zero")) } else { Ok(Self(bytes)) }
    }
}

/// `number` × 2^`shift`, with at most three decimals: `1.5` and 10 is 1536.
fn scaled(number: &str, shift: u32) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || fraction.len() > 3 {
        return None;
    }
    let thousandths = 10_u128.pow(3 - u32::try_from(fraction.len()).ok()?) * fraction.parse::<u128>().ok()?;
    let total = (u128::from(whole.parse::<u64>().ok()?) * 1000 + thousandths).checked_mul(1 << shift)?;
    u64::try_from(total / 1000).ok()
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
        match units.into_iter().find(|(shift, _)| self.0 >= 1 << shift && self.0.trailing_zeros() >= *shift) {
            Some((shift, unit)) => write!(f, "{} {unit}", self.0 >> shift),
            None => write!(f, "{} B", self.0),
        }
    }
}

/// A soft and a hard limit. The value -1 means unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// The limit in force.
    pub soft: i64,
    /// The highest value to which a process can raise the limit.
    pub hard: i64,
}

impl Ulimit {
    /// Makes the pair. Neither limit can be below -1, and the soft one cannot be above the hard one.
    pub fn new(soft: i64, hard: i64) -> Result<Self, ValueError> {
        let above = |a: i64, b: i64| b != -1 && (a == -1 || a > b);
        let error = |why| Err(ulimit_error(&format!("{soft}:{hard}"), why));
        match (soft, hard) {
            (..-1, _) | (_, ..-1) => error("limits are 0 or more, or -1 for unlimited"),
            _ if above(soft, hard) => error("the soft limit is above the hard one"),
            _ => Ok(Self { soft, hard }),
        }
    }
}

impl FromStr for Ulimit {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let limit = |part: &str| match part.trim() {
            "unlimited" => Ok(-1),
            number => number.parse::<i64>().map_err(|_| ulimit_error(text, "its number can't be read")),
        };
        let (soft, hard) = text.split_once(':').unwrap_or((text, text));
        Self::new(limit(soft)?, limit(hard)?)
    }
}

fn ulimit_error(text: &str, why: &'static str) -> ValueError {
    let allowed = "a number, `\"SOFT:HARD\"` or `{ soft = …, hard = … }`, with -1 for unlimited";
    ValueError::new(text, "a resource limit", why, allowed)
}

checked_text! {
    /// A resource limit's name, in the form of the engine (`memlock`).
    UlimitName = ulimit_name;
}

/// The limits that Docker accepts, without `as`, which breaks the start of a container.
const ULIMITS: [&str; 15] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

fn ulimit_name(text: &str) -> Result<String, ValueError> {
    if ULIMITS.contains(&text) {
        return Ok(text.to_owned());
    }
    let allowed = format!("one of {}", ULIMITS.map(|name| format!("`{name}`")).join(", "));
    Err(ValueError::new(text, "a resource limit's name", "the engine knows none of that name", allowed))
}

/// A limit of CPU time, in CPUs: `4`, `0.5`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CpuCount(f64);

impl CpuCount {
    /// Makes the limit, if the number is finite and above zero.
    pub fn new(count: f64) -> Result<Self, ValueError> {
        if (0.01..=65_536.0).contains(&count) {
            return Ok(Self(count));
        }
        Err(ValueError::new(&count.to_string(), "a number of CPUs", "it must be above 0", "a number such as 4 or 0.5"))
    }

    /// The number of processors.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}
