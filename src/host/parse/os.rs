//! Parses the distribution, the architecture and the C library.
//!
//! The texts come from `/etc/os-release`, `uname`, `getconf` and `ldd`.

use crate::manifest::Arch;
use crate::version::GlibcVersion;

/// The content of `/etc/os-release`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// The id, `debian`.
    pub id: String,
    /// The version, `12`. `None` on rolling distributions.
    pub version: Option<String>,
    /// The distributions from which it is derived, nearest first: `ubuntu`, `debian`.
    pub like: Vec<String>,
    /// The release name, `bookworm`.
    pub codename: Option<String>,
}

impl Release {
    /// The id in the matrix, `debian:12`; only the name on rolling distributions.
    #[must_use]
    pub fn tag(&self) -> String {
        match &self.version {
            Some(version) => format!("{}:{version}", self.id),
            None => self.id.clone(),
        }
    }

    /// Whether it is `name` or derived from it.
    #[must_use]
    pub fn is_like(&self, name: &str) -> bool {
        self.id == name || self.like.iter().any(|id| id == name)
    }
}

/// Parses `/etc/os-release`, with or without quotes.
#[must_use]
pub fn parse_os_release(text: &str) -> Option<Release> {
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='))?;
        let bare = line.trim().trim_matches(['"', '\'']);
        (!bare.is_empty()).then(|| bare.to_owned())
    };
    Some(Release {
        id: value("ID")?.to_lowercase(),
        version: value("VERSION_ID"),
        like: value("ID_LIKE").map_or_else(Vec::new, |ids| ids.split_whitespace().map(str::to_owned).collect()),
        codename: value("VERSION_CODENAME"),
    })
}

/// Parses `uname -m` or `/proc/sys/kernel/arch`.
#[must_use]
pub fn arch(text: &str) -> Option<Arch> {
    match text.trim() {
        "x86_64" | "amd64" => Some(Arch::X86_64),
        "aarch64" | "arm64" => Some(Arch::Aarch64),
        "ppc64le" => Some(Arch::Ppc64le),
        _ => None,
    }
}

/// Parses `getconf GNU_LIBC_VERSION` (`glibc 2.36`) or the first line of `ldd --version` (`ldd (Debian GLIBC 2.36-9)
/// 2.36`). musl's `ldd` prints another line.
#[must_use]
pub fn glibc(text: &str) -> Option<GlibcVersion> {
    let line = text.lines().next()?;
    let is_glibc = line.starts_with("glibc ") || line.starts_with("ldd (");
    is_glibc.then(|| line.split_whitespace().next_back()?.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_and_ubuntu() {
        let debian = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n\
                      VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
        assert_eq!(parse_os_release(debian).unwrap().tag(), "debian:12");
        let ubuntu = "NAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n";
        let ubuntu = parse_os_release(ubuntu).unwrap();
        assert_eq!((ubuntu.tag().as_str(), ubuntu.codename.as_deref()), ("ubuntu:24.04", Some("noble")));
        assert!(ubuntu.is_like("debian"));
    }

    #[test]
    fn others() {
        let rocky =
            parse_os_release("NAME=\"Rocky Linux\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID='9.4'\n")
                .unwrap();
        assert_eq!(rocky.tag(), "rocky:9.4");
        assert!(rocky.is_like("rhel") && !rocky.is_like("debian"));
        assert_eq!(parse_os_release("NAME=\"Arch Linux\"\nID=arch\n").unwrap().tag(), "arch");
        assert_eq!(parse_os_release(""), None);
        assert_eq!(parse_os_release("VERSION_ID=12\n"), None);
    }

    #[test]
    fn architectures() {
        assert_eq!(arch("x86_64\n"), Some(Arch::X86_64));
        assert_eq!(arch("aarch64"), Some(Arch::Aarch64));
        assert_eq!(arch("riscv64"), None);
    }

    #[test]
    fn c_libraries() {
        assert_eq!(glibc("glibc 2.36\n"), Some("2.36".parse().unwrap()));
        assert_eq!(glibc("ldd (Debian GLIBC 2.36-9+deb12u10) 2.36\nCopyright …\n"), Some("2.36".parse().unwrap()));
        assert_eq!(glibc("ldd (GNU libc) 2.17\n"), Some("2.17".parse().unwrap()));
        assert_eq!(glibc("musl libc (x86_64)\nVersion 1.2.4\n"), None);
        assert_eq!(glibc(""), None);
    }
}
