//! The build context as one archive.

use super::{BuildContext, ContextFile};

impl BuildContext {
    /// A tar archive of the files, in the order of their names, of nobody at no time: the builder's cache and the image's
    /// own bytes depend on nothing else.
    #[must_use]
    pub fn tar(&self) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, file) in &self.files {
            append(&mut archive, path, file);
        }
        archive.into_inner().expect("a Vec takes every write")
    }
}

fn append(archive: &mut tar::Builder<Vec<u8>>, path: &str, file: &ContextFile) {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(if file.executable { 0o755 } else { 0o644 });
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(file.bytes.len() as u64);
    archive
        .append_data(&mut header, path, file.bytes.as_slice())
        .expect("a Vec takes every write and paths are relative");
}
