//! Secrets for other programs, in files without a name in any directory.
//!
//! They disappear with this process, however it ends.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use rustix::fs::{MemfdFlags, memfd_create};

/// Bytes in memory under a path that this process and its children can open while the value exists. Other users
/// cannot: the kernel shows a process's descriptors only to its own user.
#[derive(Debug)]
pub struct PrivateFile(File);

impl PrivateFile {
    /// Stores the bytes. Kernels without files in memory use a file on disk without a name.
    pub fn new(bytes: &[u8]) -> io::Result<Self> {
        let mut file = match memfd_create("envctl", MemfdFlags::CLOEXEC) {
            Ok(descriptor) => File::from(descriptor),
            Err(_) => tempfile::tempfile()?,
        };
        file.write_all(bytes)?;
        Ok(Self(file))
    }

    /// Returns `/proc/PID/fd/N`; each opening reads from the beginning.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_again_and_again_by_a_child_and_then_gone() {
        let file = PrivateFile::new(b"secret").unwrap();
        let path = file.path();
        for _ in 0..2 {
            let cat = crate::system::command("cat").arg(&path).output().unwrap();
            assert_eq!(cat.stdout, b"secret", "{cat:?}");
        }
        assert!(std::fs::read_link(&path).unwrap().to_string_lossy().contains("deleted"));
        drop(file);
        assert!(std::fs::read(&path).map_or(true, |bytes| bytes != b"secret"));
    }
}
