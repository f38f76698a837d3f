//! Tests of the manifest's own Dockerfile lines: tables of accepted and of refused lines.

use super::*;

fn judged(lines: &str) -> Result<(), LineRefusal> {
    judge(lines, &["hf"]).map_err(|refused| refused.why)
}

#[test]
fn own_secrets_caches_and_images_pass() {
    for lines in [
        "RUN --mount=type=secret,id=hf cat /run/secrets/hf",
        "RUN --mount=type=secret,source=hf,target=/x,required cat /x",
        "RUN --mount=type=cache,target=/root/.cache --mount=type=tmpfs,target=/tmp/x true",
        "RUN --mount=type=cache,id=mine,target=/opt/envctl/x,sharing=locked,mode=0755 true",
        "RUN --mount=type=bind,from=ghcr.io/lab/tools:1,source=/bin,target=/mnt --mount=target=/context true",
        "COPY --from=ghcr.io/lab/tools:1 --chown=1000:1000 /bin/x /usr/local/bin/x",
        "HEALTHCHECK --interval=5s --retries=3 CMD true",
        "ENV A=\"$B\" C='d e'\nLABEL x=\"envctl-index\"\nSHELL [\"/bin/bash\", \"-c\"]\nRUN echo \\\n  $((1 + 2))",
        "# FROM x\n\nUSER 0",
    ] {
        assert_eq!(judged(lines), Ok(()), "{lines}");
    }
}

#[test]
fn our_secrets_do_not_however_they_are_spelled() {
    for lines in [
        "RUN --mount=type=secret,id=envctl-index cat /run/secrets/envctl-index",
        "RUN --mount=id=envctl-index,type=secret true",
        "RUN --mount=TYPE=SECRET,ID=envctl-index true",
        "run --mount=type=secret,id=envctl-\\\nindex true",
        "RUN --mount=type=secret,id=envctl-\\\n# a comment\nindex true",
        "RUN --mount=type=secret,id=envctl-\\\n\n\nindex true",
        "RUN --mount=type=secret,id=envctl-\\ \t\nindex true",
        "RUN \\\n  # a comment\n  --mount=type=secret,id=envctl-index true",
        "RUN --mount=type=secret,target=/run/secrets/envctl-index true",
        "RUN --mount=type=secret,source=envctl-index true",
        "RUN --mount=type=secret,src=envctl-index,id= true",
        "RUN --mount=type=secret,id=hf,id=envctl-index true",
        "RUN --mount=type=secret,id=hf,source=envctl-index true",
        "RUN --mount=type=secret,id=HF true",
        "ARG X=envctl-index\nRUN --mount=type=secret,id=$X true",
        "RUN --mount=type=\"secret\",id=envctl-index true",
        "RUN --mount=type=secret,id=envctl\\-index true",
        "RUN --mount=\"type=secret\",id=envctl-index true",
        "RUN '--mount=type=secret,id=envctl-index' true\nRUN --'mount=type=secret',id=envctl-index true",
        "RUN --mount=type=ssh true",
    ] {
        assert!(judged(lines).is_err(), "{lines}");
    }
}

#[test]
fn our_caches_do_not_either() {
    for options in [
        "type=cache,id=envctl-uv,target=/x",
        "type=cache,id=ENVCTL-uv,target=/x",
        "type=cache,target=envctl-uv",
        "type=cache,dst=./x/..//envctl-uv/",
        "type=Cache,target=envctl-uv,id=",
        "type=cache,id=mine,id=envctl-uv,target=/x",
    ] {
        assert!(judged(&format!("RUN --mount={options} true")).is_err(), "{options}");
    }
}

#[test]
fn each_cache_is_the_environments_own() {
    let own = |lines: &str| with_own_caches(lines, &[], "lab-1a2b3c4d").unwrap();
    insta::assert_snapshot!(
        own("ENV A=b\nRUN --mount=type=cache,\\\n# a comment\n\nid=../x \\\n  pip download a\n\n# b\nrun --mount=target=/y,TYPE=Cache -- --z\nUSER 0"),
        @r"
    ENV A=b
    RUN --mount=type=cache,id=envctl-own-lab-1a2b3c4d-d6b96a97d147 pip download a

    # b
    RUN --mount=target=/y,TYPE=Cache,id=envctl-own-lab-1a2b3c4d-3c46b5381c05 -- --z
    USER 0
    "
    );
    let id = |options: &str| {
        let lines = own(&format!("RUN --mount=type=cache,{options} true"));
        lines.split_once("id=").unwrap().1.to_owned()
    };
    assert_eq!(id("target=/y"), id("id=/y,target=/z"));
    assert_ne!(id("target=/y"), id("id=y,target=/y"));
    let plain = "RUN --mount=type=tmpfs,target=/x \\\n true";
    assert_eq!(own(plain), plain);
}

#[test]
fn our_stages_and_images_are_not_read_from() {
    for from in ["envctl-fetch", "Envctl-Fetch", "envctl.invalid/uv:1", "docker.io/envctl/lab:1", "0", "-0", "+1"] {
        assert!(judged(&format!("COPY --from={from} / /x")).is_err(), "{from}");
        assert!(judged(&format!("RUN --mount=from={from},target=/x true")).is_err(), "{from}");
        assert!(judged(&format!("RUN --mount=type=cache,from={from},target=/x true")).is_err(), "{from}");
    }
}

#[test]
fn what_reaches_further_than_a_step_is_refused() {
    for lines in [
        "FROM scratch",
        "ONBUILD RUN --mount=type=secret,id=envctl-index true",
        "VOLUME /workspace/made-by-root",
        "ADD http://127.0.0.1:8888/ /x",
        "RUN --network=host true",
        "RUN --security=insecure true",
        "COPY --link a b",
        "INCLUDE x",
        "RUN cat <<EOF\nEOF",
        "RUN cat <<'ENV A=b \\'\nENV A=b \\\nRUN --mount=type=secret,id=envctl-index true",
    ] {
        assert!(judged(lines).is_err(), "{lines}");
    }
}

#[test]
fn the_line_is_named() {
    let refused = judge("ENV A=b\n\nRUN --mount=type=secret,\\\n# x\nid=envctl-ca true", &[]).unwrap_err();
    assert_eq!((refused.line, refused.text.as_str()), (3, "RUN --mount=type=secret,\\"));
    assert_eq!(refused.why, LineRefusal::ForeignSecret { id: "envctl-ca".to_owned() });
}
