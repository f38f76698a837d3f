//! Types of Python requirements and of calendar days.
//!
//! A requirement that cannot be locked for every machine, such as a local path, is refused.

use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder, VerbatimUrl, VersionOrUrl};

use super::network::url;
use super::{Arch, PackageName, ValueError, checked_text, has_control};
use crate::parser;
use crate::version::PythonVersion;

checked_text! {
    /// One PEP 508 requirement on one line, without options, paths or environment variables.
    Requirement = requirement;
    /// A calendar day, `YYYY-MM-DD`.
    Date = date;
}

impl Requirement {
    /// The distribution in the requirement, normalised.
    #[must_use]
    pub fn package(&self) -> PackageName {
        let end = self.as_str().find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
        let name = &self.as_str()[..end.unwrap_or(self.as_str().len())];
        name.parse().expect("a checked requirement begins with a package name")
    }

    /// The address that takes the place of a version, in its normal form and without the part after `#`. `None`: the
    /// requirement has no address.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        let text = self.url()?.to_string();
        Some(text.split_once('#').map_or(text.as_str(), |(address, _)| address).to_owned())
    }

    /// The server of that address: the host, with the port and the scheme unless they are the usual ones of HTTPS. An
    /// address without a host is returned as it is.
    #[must_use]
    pub fn url_host(&self) -> Option<String> {
        let url = self.url()?;
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else { return Some(url.to_string()) };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let scheme = if url.scheme() == "https" { String::new() } else { format!("{}://", url.scheme()) };
        Some(format!("{scheme}{host}{port}"))
    }

    /// The same request for any version, with its extras and its marker.
    #[must_use]
    pub fn without_version(&self) -> String {
        let read = parser::requirement(self.as_str()).ok();
        let any = read.map(|read| pep508_rs::Requirement { version_or_url: None, ..read });
        any.map_or_else(|| self.package().to_string(), |any| any.to_string())
    }

    /// Whether the marker (`; python_version < "3.12"`) is true for a Linux target. The patch release of Python and the
    /// release of the kernel are open, as in uv. A requirement without a marker is always true.
    #[must_use]
    pub fn holds(&self, python: &PythonVersion, arch: Arch) -> bool {
        let Ok(read) = parser::requirement(self.as_str()) else { return false };
        let (version, full, machine) = (python.to_string(), format!("{python}.0"), arch.to_string());
        let target = MarkerEnvironmentBuilder {
            implementation_name: "cpython",
            implementation_version: &full,
            os_name: "posix",
            platform_machine: &machine,
            platform_python_implementation: "CPython",
            platform_release: "",
            platform_system: "Linux",
            platform_version: "",
            python_full_version: &full,
            python_version: &version,
            sys_platform: "linux",
        };
        let target = MarkerEnvironment::try_from(target).expect("a version of Python is one of PEP 440");
        read.marker.evaluate(&target, &[])
    }

    fn url(&self) -> Option<VerbatimUrl> {
        match parser::requirement(self.as_str()).ok()?.version_or_url? {
            VersionOrUrl::Url(url) => Some(url),
            VersionOrUrl::VersionSpecifier(_) => None,
        }
    }
}

fn requirement(text: &str) -> Result<String, ValueError> {
    let error = |why: String| {
        let allowed = "one PEP 508 requirement, such as `lightning>=2.3`; files go into `requirements`";
        Err(ValueError::new(text, "a Python requirement", why, allowed))
    };
    let trimmed = text.trim();
    if has_control(text) {
        return error("it has a line break or another control character".to_owned());
    }
    if trimmed.starts_with('-') {
        return error("options are not requirements; indexes are set in `[network]`".to_owned());
    }
    if trimmed.contains('$') {
        return error("variables are not expanded".to_owned());
    }
    if trimmed.contains('#') && !trimmed.contains('@') {
        return error("a comment can't stand in it".to_owned());
    }
    if trimmed.starts_with(['.', '/', '~']) {
        return error("it is a path; mount the project, or add `run = [\"pip install …\"]` to `[build]`".to_owned());
    }
    match parser::requirement(trimmed) {
        Ok(parsed) => match parsed.version_or_url {
            Some(VersionOrUrl::Url(address)) => match refused(&address) {
                Some(why) => error(why),
                None => Ok(trimmed.to_owned()),
            },
            _ => Ok(trimmed.to_owned()),
        },
        Err(why) => error(why),
    }
}

/// The reason why an address cannot be locked. The lock is read with the same rule, and everybody can read the lock.
fn refused(address: &VerbatimUrl) -> Option<String> {
    if !["http", "https"].contains(&address.scheme()) {
        return Some("only `https://` addresses can be locked".to_owned());
    }
    if !address.username().is_empty() || address.password().is_some() {
        return Some("its address has a name or a password, which would be in the lock".to_owned());
    }
    let given = address.given().map_or_else(|| address.to_string(), str::to_owned);
    url(&given).err().map(|error| format!("of its address: {}", error.why))
}

fn date(text: &str) -> Result<String, ValueError> {
    let error = |why| Err(ValueError::new(text, "a day", why, "a day written `YYYY-MM-DD`, such as `2026-06-01`"));
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return error("it can't be read as one") };
    let number = |part: &str, length| {
        let decimal = part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if decimal { part.parse::<u32>().ok() } else { None }
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return error("it can't be read as one");
    };
    if (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day) {
        return Ok(text.to_owned());
    }
    error("the calendar has no such day")
}

fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
