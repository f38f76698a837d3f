//! Types of image names, bases and registries.
//!
//! They check the form only. The matrix and the registry know which images exist.

use super::{ValueError, all, checked_text};

checked_text! {
    /// An image reference: `registry/name:tag@sha256:…`.
    ImageReference = image;
    /// `sha256:` and 64 hexadecimal digits.
    Digest = digest;
    /// A distribution's id, `ubuntu:22.04`. The matrix decides which ids exist.
    BaseName = base;
    /// A registry and a path in it, as the prefix of an image name: `mirror.example:5000/library`.
    RegistryPrefix = prefix;
}

fn image(text: &str) -> Result<String, ValueError> {
    let error = |why| {
        let allowed = "`[REGISTRY/]NAME[:TAG][@sha256:DIGEST]`, such as `registry.example/team/base:1.2`";
        Err(ValueError::new(text, "an image", why, allowed))
    };
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return error("its digest is not `sha256:` with 64 hexadecimal digits");
    }
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let (path, tag) = match name[slash..].find(':') {
        Some(colon) => (&name[..slash + colon], Some(&name[slash + colon + 1..])),
        None => (name, None),
    };
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return error("its tag has characters that no tag has");
    }
    if path.bytes().any(|b| b.is_ascii_uppercase()) {
        return error("image names are lower case");
    }
    if text.len() > 400 || !is_path(path) {
        return error("its name has characters that no image name has, or is too long");
    }
    Ok(text.to_owned())
}

fn base(text: &str) -> Result<String, ValueError> {
    let part = |part: &str| !part.is_empty() && all(part, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.');
    match text.split_once(':') {
        Some((name, version)) if part(name) && part(version) => Ok(text.to_owned()),
        _ => {
            let allowed = "`NAME:VERSION`, such as `ubuntu:22.04`; an image of your own goes into `image`";
            Err(ValueError::new(text, "a distribution", "it can't be read as one", allowed))
        }
    }
}

fn prefix(text: &str) -> Result<String, ValueError> {
    let error =
        |why| Err(ValueError::new(text, "a registry", why, "`HOST[:PORT][/PATH]`, such as `mirror.example:5000`"));
    if text.contains("://") {
        return error("a registry is named without `https://`");
    }
    let trimmed = text.trim_end_matches('/');
    if trimmed.is_empty() || !is_path(trimmed) || trimmed.bytes().any(|b| b.is_ascii_uppercase()) {
        return error("it can't be read as one");
    }
    Ok(trimmed.to_owned())
}

fn digest(text: &str) -> Result<String, ValueError> {
    if is_digest(text) {
        return Ok(text.to_owned());
    }
    let allowed = "`sha256:` and 64 hexadecimal digits in lower case";
    Err(ValueError::new(text, "a digest", "it can't be read as one", allowed))
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
}

fn is_tag(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && !text.starts_with(['.', '-'])
        && all(text, |c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

/// Whether a text is path components separated by `/`. The first component can be a host with a port.
fn is_path(text: &str) -> bool {
    text.split('/').enumerate().all(|(at, component)| {
        let host = if at == 0 && text.contains('/') || component.contains('.') { split_port(component) } else { None };
        is_component(host.unwrap_or(component))
    })
}

fn split_port(text: &str) -> Option<&str> {
    let (host, port) = text.split_once(':')?;
    port.parse::<u16>().ok().map(|_| host)
}

fn is_component(text: &str) -> bool {
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(ends)
        && text.ends_with(ends)
        && all(text, |c| ends(c) || "_.-".contains(c))
        && !text.contains("..")
}
