//! Python requirements, and days.

use std::str::FromStr;

use pep508_rs::{VerbatimUrl, VersionOrUrl};

use super::{PackageName, ValueError, checked_text, has_control};

checked_text! {
    /// One PEP 508 requirement on one line, without options, paths or environment look-ups.
    Requirement = requirement;
    /// `YYYY-MM-DD`.
    Date = date;
}

impl Requirement {
    /// The distribution it names, normalised.
    #[must_use]
    pub fn package(&self) -> PackageName {
        let end = self.as_str().find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
        let name = &self.as_str()[..end.unwrap_or(self.as_str().len())];
        name.parse().expect("a checked requirement begins with a package name")
    }

    /// The host of the address that it names in place of a version; none where it names no address.
    #[must_use]
    pub fn url_host(&self) -> Option<String> {
        let parsed: pep508_rs::Requirement<VerbatimUrl> = self.0.parse().ok()?;
        match parsed.version_or_url? {
            VersionOrUrl::Url(url) => Some(url.host_str().unwrap_or_default().to_owned()),
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
    // Read relative to a directory that does not exist, so that no path can mean one of this machine's.
    match pep508_rs::Requirement::<VerbatimUrl>::from_str(trimmed) {
        Ok(parsed) => match parsed.version_or_url {
            Some(VersionOrUrl::Url(url)) if !["http", "https"].contains(&url.scheme()) => {
                error("only `https://` addresses can be locked".to_owned())
            }
            _ => Ok(trimmed.to_owned()),
        },
        Err(found) => error(first_line(&found.message.to_string())),
    }
}

/// The parser's own words, made to fit ours.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or("it can't be read").trim_end_matches('.');
    let mut characters = line.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

fn date(text: &str) -> Result<String, ValueError> {
    let error = |why| Err(ValueError::new(text, "a day", why, "a day written `YYYY-MM-DD`, such as `2026-06-01`"));
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return error("not the form of one") };
    let number = |part: &str, length| {
        let decimal = part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if decimal { part.parse::<u32>().ok() } else { None }
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return error("not the form of one");
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
