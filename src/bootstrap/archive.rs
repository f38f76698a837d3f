//! Writes a `docker save` archive around one layer, so that an engine can load an image without a registry.
//!
//! The bytes depend only on the layer and the labels: names, times and owners are fixed. So two machines with the same
//! layer load the same image with the same image ID. The layer is read once as a stream and hashed on the way; it is
//! never in memory as a whole. The caller decides the content of the layer.

use std::io::{self, Read, Write};
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::engine::ImageId;
use crate::manifest::Arch;

/// The creation time of the image, the usual value of reproducible builders.
const CREATED: &str = "1970-01-01T00:00:00Z";
const LAYER: &str = "layer.tar";
const CONFIG: &str = "config.json";

/// One image of one layer.
#[derive(Clone, Debug)]
pub struct ImageArchive<'a> {
    /// The name in the engine: `envctl.invalid/debian-12:4f5e…`.
    pub reference: &'a str,
    /// The architecture of its programs.
    pub arch: Arch,
    /// The uncompressed layer, a tar file on disk.
    pub layer: &'a Path,
    /// The command that made it, for `docker history`: `mmdebstrap --variant=minbase bookworm`.
    pub created_by: &'a str,
    /// The environment of its containers, as `NAME=value`.
    pub env: &'a [&'a str],
    pub labels: &'a [(&'a str, &'a str)],
}

impl ImageArchive<'_> {
    /// Writes the archive and returns the ID that an engine gives the image.
    ///
    /// # Errors
    ///
    /// The layer can't be read, or shrinks during the read, or `out` can't be written.
    pub fn write(&self, out: impl Write) -> io::Result<ImageId> {
        let mut archive = tar::Builder::new(out);
        let diff_id = append_layer(&mut archive, self.layer)?;
        let config = serde_json::to_vec(&self.config(&diff_id))?;
        append_member(&mut archive, CONFIG, &config)?;
        let manifest = json!([{ "Config": CONFIG, "RepoTags": [self.reference], "Layers": [LAYER] }]);
        append_member(&mut archive, "manifest.json", manifest.to_string().as_bytes())?;
        archive.into_inner()?.flush()?;
        Ok(ImageId(digest_text(Sha256::digest(&config).as_slice())))
    }

    fn config(&self, diff_id: &str) -> Value {
        let labels: serde_json::Map<_, _> = self.labels.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
        json!({
            "architecture": image_architecture(self.arch),
            "config": { "Env": self.env, "Labels": labels },
            "created": CREATED,
            "history": [{ "created": CREATED, "created_by": self.created_by }],
            "os": "linux",
            "rootfs": { "type": "layers", "diff_ids": [diff_id] },
        })
    }
}

/// The architecture in the spelling of image platforms.
fn image_architecture(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "amd64",
        Arch::Aarch64 => "arm64",
        Arch::Ppc64le => "ppc64le",
    }
}

/// Copies the layer and returns the `sha256:…` of its bytes.
fn append_layer(archive: &mut tar::Builder<impl Write>, layer: &Path) -> io::Result<String> {
    let file = std::fs::File::open(layer)?;
    let size = file.metadata()?.len();
    let mut hashed = Hashed { inner: file.take(size), hash: Sha256::new(), read: 0 };
    archive.append_data(&mut member_header(size), LAYER, &mut hashed)?;
    if hashed.read != size {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the layer shrank while it was read"));
    }
    Ok(digest_text(hashed.hash.finalize().as_slice()))
}

fn append_member(archive: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let size = u64::try_from(bytes.len()).expect("a length in memory fits");
    archive.append_data(&mut member_header(size), name, bytes)
}

/// The header of a plain file, with a fixed owner and time.
fn member_header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header
}

fn digest_text(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    digest.iter().fold(String::from("sha256:"), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String succeeds");
        text
    })
}

/// A reader that hashes the bytes that it reads.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
    read: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.read += u64::try_from(count).expect("a length in memory fits");
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive_of(layer: &[u8]) -> (ImageId, Vec<u8>) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("any-name.tar");
        std::fs::write(&path, layer).unwrap();
        let image = ImageArchive {
            reference: "envctl-test/archive:1",
            arch: Arch::X86_64,
            layer: &path,
            created_by: "test",
            env: &["PATH=/usr/bin"],
            labels: &[("envctl.base", "debian:12")],
        };
        let mut bytes = Vec::new();
        let id = image.write(&mut bytes).unwrap();
        (id, bytes)
    }

    fn member(archive: &[u8], name: &str) -> Vec<u8> {
        let mut archive = tar::Archive::new(archive);
        let mut entry = archive
            .entries()
            .unwrap()
            .map(Result::unwrap)
            .find(|entry| entry.path().unwrap().as_os_str() == name)
            .unwrap_or_else(|| panic!("no {name}"));
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn the_same_layer_makes_the_same_archive_wherever_it_lies() {
        assert_eq!(archive_of(b"layer"), archive_of(b"layer"));
        assert_ne!(archive_of(b"layer").0, archive_of(b"other").0);
    }

    #[test]
    fn the_parts_refer_to_each_other() {
        let (id, bytes) = archive_of(b"layer");
        let manifest: Value = serde_json::from_slice(&member(&bytes, "manifest.json")).unwrap();
        assert_eq!(manifest[0]["RepoTags"][0], "envctl-test/archive:1");
        let config = member(&bytes, manifest[0]["Config"].as_str().unwrap());
        assert_eq!(id.0, digest_text(Sha256::digest(&config).as_slice()));
        let layer = member(&bytes, manifest[0]["Layers"][0].as_str().unwrap());
        let config: Value = serde_json::from_slice(&config).unwrap();
        assert_eq!(config["rootfs"]["diff_ids"][0], digest_text(Sha256::digest(&layer).as_slice()));
        assert_eq!(config["architecture"], "amd64");
        assert_eq!(config["config"]["Labels"]["envctl.base"], "debian:12");
    }

    #[test]
    fn nothing_of_the_machine_is_in_the_headers() {
        let (_, bytes) = archive_of(b"layer");
        for entry in tar::Archive::new(&bytes[..]).entries().unwrap() {
            let entry = entry.unwrap();
            let header = entry.header();
            assert_eq!((header.mtime().unwrap(), header.uid().unwrap(), header.gid().unwrap()), (0, 0, 0));
        }
    }

    #[test]
    fn a_missing_layer_is_an_error() {
        let image = ImageArchive {
            reference: "a:b",
            arch: Arch::Aarch64,
            layer: Path::new("/nonexistent/layer.tar"),
            created_by: "",
            env: &[],
            labels: &[],
        };
        assert_eq!(image.write(io::sink()).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
