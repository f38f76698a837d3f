//! The image from which builds mount uv. It has one layer with one file, so that uv is in no build context and in no
//! layer of an environment.

use std::io;
use std::path::Path;

use super::archive::ImageArchive;
use crate::engine::ImageId;
use crate::manifest::Arch;
use crate::packages::tool;

/// Writes the archive that an engine loads as [`tool::image_reference`].
///
/// # Errors
/// `program` can't be read, or `archive` can't be written.
pub fn write_image(program: &Path, arch: Arch, archive: &Path) -> io::Result<ImageId> {
    let layer = tempfile::NamedTempFile::new_in(archive.parent().unwrap_or(Path::new(".")))?;
    write_layer(program, layer.path())?;
    let reference = tool::image_reference();
    let created_by = format!("uv {}", tool::version());
    let image = ImageArchive {
        reference: &reference,
        arch,
        layer: layer.path(),
        created_by: &created_by,
        env: &[],
        labels: &[],
    };
    image.write(io::BufWriter::new(std::fs::File::create(archive)?))
}

fn write_layer(program: &Path, layer: &Path) -> io::Result<()> {
    let file = std::fs::File::open(program)?;
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(0o755);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(file.metadata()?.len());
    let mut archive = tar::Builder::new(std::fs::File::create(layer)?);
    archive.append_data(&mut header, "uv", file)?;
    archive.into_inner().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_program_makes_the_same_image() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("any-name");
        std::fs::write(&program, "program").unwrap();
        let one = write_image(&program, Arch::X86_64, &dir.path().join("one.tar")).unwrap();
        let two = write_image(&program, Arch::X86_64, &dir.path().join("two.tar")).unwrap();
        assert_eq!(one, two);
        let bytes = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
        assert_eq!(bytes("one.tar"), bytes("two.tar"));
    }
}
