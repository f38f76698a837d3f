//! The pinned version of uv, and uv's names for platforms.
//!
//! The version is a row of the matrix's tools, with the hashes of its wheels.

use crate::engine::LOCAL_IMAGES;
use crate::manifest::Arch;
use crate::matrix::uv;
use crate::resolve::Decision;
use crate::version::GlibcVersion;

/// The pinned version.
#[must_use]
pub fn version() -> &'static str {
    &uv().version
}

/// The image from which builds mount it. It contains only `/uv`. No registry can have that name ([`LOCAL_IMAGES`]).
#[must_use]
pub fn image_reference() -> String {
    format!("{LOCAL_IMAGES}/uv:{}", version())
}

/// uv's name of the platform, with the base's C library rounded down to one that uv knows. The C library of a user's
/// own image is unknown; it counts as 2.28, which most current wheels require. `None`: the architecture has no platform
/// in uv.
#[must_use]
pub fn platform(decision: &Decision) -> Option<String> {
    let arch = match decision.arch {
        Arch::X86_64 => "x86_64",
        Arch::Aarch64 => "aarch64",
        Arch::Ppc64le => return None,
    };
    let minor = decision.glibc.as_ref().and_then(GlibcVersion::minor).unwrap_or(28);
    let known = match minor {
        0..28 => 17,
        28..31 => 28,
        other => uv().newest_glibc.minor().map_or(other, |newest| other.min(newest)),
    };
    Some(format!("{arch}-manylinux_2_{known}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(glibc: Option<&str>, arch: Arch) -> Decision {
        let mut decision = crate::packages::tests::decision();
        decision.glibc = glibc.map(|text| text.parse().unwrap());
        decision.arch = arch;
        decision
    }

    #[test]
    fn platforms_that_uv_knows() {
        let name = |glibc, arch| platform(&decision(glibc, arch)).unwrap();
        assert_eq!(name(Some("2.36"), Arch::X86_64), "x86_64-manylinux_2_36");
        assert_eq!(name(Some("2.27"), Arch::Aarch64), "aarch64-manylinux_2_17");
        assert_eq!(name(Some("2.42"), Arch::X86_64), "x86_64-manylinux_2_40");
        assert_eq!(name(None, Arch::X86_64), "x86_64-manylinux_2_28");
        assert!(platform(&decision(None, Arch::Ppc64le)).is_none());
    }
}
