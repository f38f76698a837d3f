//! The manifest's own Dockerfile lines. They go in as they are, but for one thing: they can't mount the secrets that
//! envctl brings for its own steps, an index's password among them. A manifest may come from a stranger.

/// Finds the first `--mount=` that asks for a secret the manifest does not declare itself, or whose options can't be read
/// because they are quoted or made of variables.
pub(super) fn foreign_secret<'a>(lines: &str, declared: &(impl Iterator<Item = &'a str> + Clone)) -> Option<String> {
    let joined = lines.replace("\\\r\n", "").replace("\\\n", "");
    let words = joined.split_whitespace();
    let mounts = words.filter_map(|word| Some((word, word.to_ascii_lowercase().strip_prefix("--mount=")?.to_owned())));
    mounts.filter(|(_, options)| !is_harmless(options, declared.clone())).map(|(word, _)| word.to_owned()).next()
}

fn is_harmless<'a>(options: &str, mut declared: impl Iterator<Item = &'a str>) -> bool {
    if options.contains(['$', '"', '\'', '\\', '`']) {
        return false;
    }
    if !options.split(',').any(|option| option == "type=secret") {
        return true;
    }
    let id = options.split(',').find_map(|option| option.strip_prefix("id="));
    id.is_some_and(|id| declared.any(|declared| declared.eq_ignore_ascii_case(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(lines: &str) -> bool {
        foreign_secret(lines, &["hf"].into_iter()).is_some()
    }

    #[test]
    fn own_secrets_and_other_mounts_pass() {
        assert!(!refused("RUN --mount=type=secret,id=hf cat /run/secrets/hf"));
        assert!(!refused("RUN --mount=type=cache,target=/root/.cache true"));
        assert!(!refused("ENV A=\"$B\""));
    }

    #[test]
    fn ours_do_not_however_they_are_spelled() {
        for lines in [
            "RUN --mount=type=secret,id=envctl-index cat /run/secrets/envctl-index",
            "RUN --mount=id=envctl-index,type=secret true",
            "RUN --MOUNT=type=secret,id=envctl-\\\nindex true",
            "RUN --mount=type=secret,target=/run/secrets/envctl-index true",
            "ARG X=envctl-index\nRUN --mount=type=secret,id=$X true",
            "RUN --mount=type=\"secret\",id=envctl-index true",
        ] {
            assert!(refused(lines), "{lines}");
        }
    }
}
