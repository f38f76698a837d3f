//! The time of a project's last commit, read from git's files.
//!
//! It does not run git, because a stranger's `.git/config` can name programs that git starts. Unsupported forms (deltas,
//! other hashes, linked work trees) give no date.

use std::io::Read as _;
use std::path::Path;

use flate2::read::ZlibDecoder;

use crate::files::{OpenedFile, RootedDirectory};

/// The largest text of git that is read, bytes.
const TEXT: u64 = 4 << 20;

/// The largest commit, bytes.
const COMMIT: usize = 256 * 1024;

/// The most packs that are looked at.
const MOST_PACKS: usize = 64;

/// The type of a commit in a pack.
const IS_COMMIT: u8 = 1;

/// Reads the time of the commit that is checked out, in seconds since 1970. `None`: there is none, or it can't be read.
pub(super) fn read_last_commit(project: &RootedDirectory) -> Option<u64> {
    let git = project.directory(".git").ok()?;
    let head = git.read_text("HEAD", TEXT).ok()?;
    let hash = match head.trim().strip_prefix("ref: ") {
        Some(name) => read_reference(&git, name.trim())?,
        None => head.trim().to_owned(),
    };
    if hash.len() != 40 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let commit = read_loose(&git, &hash).or_else(|| read_packed(&git, &hash))?;
    parse_commit_time(&String::from_utf8_lossy(&commit))
}

fn read_reference(git: &RootedDirectory, name: &str) -> Option<String> {
    if let Ok(text) = git.read_text(name, TEXT) {
        return Some(text.trim().to_owned());
    }
    let packed = git.read_text("packed-refs", TEXT).ok()?;
    let found = packed.lines().filter_map(|line| line.split_once(' ')).find(|(_, found)| *found == name)?;
    Some(found.0.to_owned())
}

fn read_loose(git: &RootedDirectory, hash: &str) -> Option<Vec<u8>> {
    let bytes = git.read(format!("objects/{}/{}", &hash[..2], &hash[2..]), TEXT).ok()?;
    let object = inflate(&bytes)?;
    object.strip_prefix(b"commit ")?;
    let end = object.iter().position(|byte| *byte == 0)?;
    Some(object[end + 1..].to_vec())
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut object = Vec::new();
    ZlibDecoder::new(bytes).take(COMMIT as u64).read_to_end(&mut object).ok()?;
    Some(object)
}

fn read_packed(git: &RootedDirectory, hash: &str) -> Option<Vec<u8>> {
    let wanted: Vec<u8> = (0..20).filter_map(|at| u8::from_str_radix(&hash[2 * at..2 * at + 2], 16).ok()).collect();
    let names = git.listed("objects/pack", 10 * MOST_PACKS).ok()?;
    let indexes = names.iter().filter_map(|(name, _)| name.strip_suffix(".idx"));
    indexes.take(MOST_PACKS).find_map(|name| {
        let index = git.file(Path::new(&format!("objects/pack/{name}.idx"))).ok()?;
        let offset = find_offset(&index, &wanted)?;
        read_packed_commit(git, &format!("objects/pack/{name}.pack"), offset)
    })
}

/// Finds the offset of an object by an index of version 2: a head of 8 bytes, 256 counts, the sorted hashes, their checksums, and
/// offsets of 4 bytes. An index can have gigabytes, so only the parts are read that the search looks at.
fn find_offset(index: &OpenedFile, wanted: &[u8]) -> Option<u64> {
    const HEAD: u64 = 8;
    const COUNTS: u64 = 256 * 4;
    let read = |at: u64, length: usize| index.bytes_at(at, length).ok().filter(|bytes| bytes.len() == length);
    if read(0, 8)? != [0xff, b't', b'O', b'c', 0, 0, 0, 2] {
        return None;
    }
    let number = |at: u64| Some(u64::from(u32::from_be_bytes(read(at, 4)?.try_into().ok()?)));
    let first = u64::from(*wanted.first()?);
    let count = number(HEAD + 255 * 4)?;
    let from = if first == 0 { 0 } else { number(HEAD + (first - 1) * 4)? };
    let to = number(HEAD + first * 4)?.min(count);
    let hash = |at: u64| read(HEAD + COUNTS + at * 20, 20);
    let (mut low, mut high) = (from, to);
    while low < high {
        let middle = low + (high - low) / 2;
        if hash(middle)?.as_slice() < wanted { low = middle + 1 } else { high = middle }
    }
    if low >= to || hash(low)? != wanted {
        return None;
    }
    let offset = number(HEAD + COUNTS + count * 24 + low * 4)?;
    // A set first bit refers to a table of 8 bytes, for packs of more than 2 GiB.
    (offset < 1 << 31).then_some(offset)
}

fn read_packed_commit(git: &RootedDirectory, pack: &str, offset: u64) -> Option<Vec<u8>> {
    let bytes = git.file(Path::new(pack)).ok()?.bytes_at(offset, COMMIT).ok()?;
    let kind = (bytes.first()? >> 4) & 7;
    let head = bytes.iter().position(|byte| byte & 0x80 == 0)? + 1;
    if kind == IS_COMMIT { inflate(&bytes[head..]) } else { None }
}

/// Parses the seconds in `committer NAME <ADDRESS> SECONDS ZONE`.
fn parse_commit_time(commit: &str) -> Option<u64> {
    let line = commit.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix("committer "))?;
    line.rsplit(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(directory: &Path, arguments: &[&str]) {
        #[expect(clippy::disallowed_methods, reason = "a test makes a repository")]
        let output = std::process::Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@lab.example"])
            .args(arguments)
            .env("GIT_COMMITTER_DATE", "1700000000 +0100")
            .current_dir(directory)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    #[test]
    fn loose_and_packed_commits() {
        let dir = tempfile::tempdir().unwrap();
        let root = RootedDirectory::open(dir.path()).unwrap();
        assert_eq!(read_last_commit(&root), None);
        git(dir.path(), &["init", "--quiet"]);
        assert_eq!(read_last_commit(&root), None);
        for at in 0..20 {
            git(dir.path(), &["commit", "--quiet", "--allow-empty", "-m", &at.to_string()]);
        }
        assert_eq!(read_last_commit(&root), Some(1_700_000_000));
        git(dir.path(), &["gc", "--quiet"]);
        assert_eq!(read_last_commit(&root), Some(1_700_000_000));
        git(dir.path(), &["checkout", "--quiet", "--detach"]);
        assert_eq!(read_last_commit(&root), Some(1_700_000_000));
    }

    #[test]
    fn a_damaged_repository_has_no_day() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join(".git/objects/pack")).unwrap();
        std::fs::write(dir.path().join(".git/HEAD"), "0".repeat(40)).unwrap();
        let mut index = vec![0xff, b't', b'O', b'c', 0, 0, 0, 2];
        for bytes in [vec![], vec![0xff; 1024], vec![0; 1024]] {
            index.extend(bytes);
            std::fs::write(dir.path().join(".git/objects/pack/x.idx"), &index).unwrap();
            assert_eq!(read_last_commit(&RootedDirectory::open(dir.path()).unwrap()), None);
        }
        std::fs::write(dir.path().join(".git/HEAD"), "ref: ../../etc/passwd").unwrap();
        assert_eq!(read_last_commit(&RootedDirectory::open(dir.path()).unwrap()), None);
    }
}
