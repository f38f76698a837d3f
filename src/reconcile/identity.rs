//! The user inside the container: the manifest's user, otherwise the caller, with the caller's user and group IDs.
//! Pure.
//!
//! With the same IDs, files in the project belong to the same user on both sides.

use crate::manifest::Manifest;
use crate::system::System;

/// The user and group ID of a named user if the caller is root: root's own IDs would make that user root.
const PLAIN: u32 = 1000;

/// The longest user name that the tools inside accept.
const NAME_LENGTH: usize = 32;

/// The PATH for root's programs in a container with a user. That user owns the first directories on a session's PATH.
pub const ROOT_PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The user in the container. The container gets it at its start; the image contains no user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub user: String,
    pub uid: u32,
    pub gid: u32,
    pub home: String,
    /// Whether the manifest chose the name and it is not the caller's own.
    pub is_named: bool,
}

impl Identity {
    /// Returns the manifest's user, else the caller.
    #[must_use]
    pub fn new(manifest: &Manifest, system: &System) -> Self {
        let asked = manifest.run.user.as_ref().map(|user| user.value.as_str());
        Self::of(asked, system)
    }

    fn of(asked: Option<&str>, system: &System) -> Self {
        match asked {
            Some("root") => Self::root(),
            None if system.uid == 0 => Self::root(),
            Some(name) if system.uid == 0 => Self { is_named: true, ..Self::named(name.to_owned(), PLAIN, PLAIN) },
            Some(name) => {
                let is_named = name != inside_name(&system.user);
                Self { is_named, ..Self::named(name.to_owned(), system.uid, system.gid) }
            }
            None => Self::named(inside_name(&system.user), system.uid, system.gid),
        }
    }

    fn root() -> Self {
        Self { user: "root".to_owned(), uid: 0, gid: 0, home: "/root".to_owned(), is_named: false }
    }

    fn named(user: String, uid: u32, gid: u32) -> Self {
        let home = format!("/home/{user}");
        Self { user, uid, gid, home, is_named: false }
    }

    /// Returns the variables that the entrypoint reads.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("ENVCTL_USER", self.user.clone()),
            ("ENVCTL_UID", self.uid.to_string()),
            ("ENVCTL_GID", self.gid.to_string()),
            ("ENVCTL_HOME", self.home.clone()),
        ]
    }
}

/// Turns a login of the host into a name that every distribution accepts: `LAB\Ada.L@corp` becomes `ada-l`.
fn inside_name(login: &str) -> String {
    let short = login.rsplit('\\').next().unwrap_or(login).split('@').next().unwrap_or(login).to_lowercase();
    let safe = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' { c } else { '-' };
    let name: String = short.chars().map(safe).take(NAME_LENGTH).collect();
    let name = name.trim_matches('-');
    match name.chars().next() {
        Some(first) if !first.is_ascii_digit() && name != "root" => name.to_owned(),
        _ => "user".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(uid: u32, user: &str) -> System {
        System { uid, gid: uid, user: user.to_owned(), ..System::for_tests() }
    }

    #[test]
    fn the_caller_is_the_same_person_inside() {
        let inside = Identity::of(None, &caller(1_200_345, "LAB\\Ada.L@corp"));
        assert_eq!((inside.user.as_str(), inside.uid, inside.home.as_str()), ("ada-l", 1_200_345, "/home/ada-l"));
        assert_eq!(Identity::of(None, &caller(0, "root")), Identity::root());
    }

    #[test]
    fn a_named_user_has_the_callers_numbers_and_is_never_root_by_accident() {
        assert_eq!(Identity::of(Some("dev"), &caller(1001, "ada")).uid, 1001);
        assert_eq!(Identity::of(Some("dev"), &caller(0, "root")).uid, 1000);
        assert_eq!(Identity::of(Some("root"), &caller(1001, "ada")), Identity::root());
    }

    #[test]
    fn a_name_that_is_not_the_callers_own_is_the_manifests() {
        let is_named = |asked, user| Identity::of(asked, &caller(1001, user)).is_named;
        assert!(is_named(Some("dev"), "ada"));
        assert!(!is_named(Some("ada"), "ada") && !is_named(None, "ada") && !is_named(Some("root"), "ada"));
    }

    #[test]
    fn names_that_no_system_takes() {
        for (login, name) in [("42", "user"), ("", "user"), ("Ünal", "nal"), ("root", "user"), ("_svc", "_svc")] {
            assert_eq!(inside_name(login), name, "{login}");
        }
    }
}
