//! Every known spelling of a line in `[build] append`. A line that envctl accepts as harmless must be harmless to the
//! real builder.

use std::fs;

use envctl::render::judge_lines;
use futures_util::future::join_all;

use super::{PASSWORD, block_on, build, remove_image, says, shared_cache};
use crate::sandbox::{MANIFEST, Sandbox};

/// The command of the lines: it copies every secret and cache that it finds.
const TAKE: &str =
    "sh -c 'cat /run/secrets/* /x/* >> /loot 2>/dev/null; for d in /x /y; do [ -d $d ] && touch $d/poison; done; true'";

/// The secret that the lines try to read, and its replacement in harmless cases.
const OURS: &str = "envctl-index";

/// Lines around `TAKE` with every spelling of a mount that a builder could read in another way than envctl.
fn spellings() -> Vec<String> {
    let mounts = [
        "--mount=type=secret,id=ID,target=/x/s",
        "--mount=target=/x/s,id=ID,type=secret",
        "--mount=Type=Secret,ID=ID,dst=/x/s",
        "--mount=type=secret,source=ID,target=/x/s",
        "--mount=type=secret,target=/run/secrets/ID",
        "--mount=type=secret,id=hf,id=ID,target=/x/s",
        "--mount=type=secret,id=ID,id=hf,target=/x/s",
        "--mount=type=secret,id=\"ID\",target=/x/s",
        "--mount=\"type=secret,id=ID,target=/x/s\"",
        "--mount=type=secret,\"id=ID\",target=/x/s",
        "--mount=type=secret,id=envctl\\-index,target=/x/s",
        "--mount=type=secret,id=$ID,target=/x/s",
        "\"--mount=type=secret,id=ID,target=/x/s\"",
        "-\\\n-mount=type=secret,id=ID,target=/x/s",
        "--mo\\\nunt=type=secret,id=ID,target=/x/s",
        "--mount=type=secret,\\\n# a comment\nid=ID,target=/x/s",
        "--mount=type=secret,\\\n\n   \nid=ID,target=/x/s",
        "--mount=type=secret,\\  \t\nid=ID,target=/x/s",
        "--mount=type=secret,\\\r\nid=ID,target=/x/s",
        "--mount=type=secret,\\\n  # \\\nid=ID,target=/x/s",
        "\\\n# --mount\n\\\n--mount=type=secret,id=ID,target=/x/s",
        "--mount=type=tmpfs,target=/y --mount=type=secret,id=ID,target=/x/s",
        "-- --mount=type=secret,id=ID,target=/x/s",
    ];
    let begins = [
        "RUN ",
        "run\t",
        "# escape=`\nRUN ",
        "ENV A=b\\\\\nRUN ",
        "ARG ID=envctl-index\nRUN ",
        "# x \\\nRUN ",
        "ONBUILD RUN ",
    ];
    let mut all = Vec::new();
    for begin in begins {
        all.extend(mounts.iter().map(|mount| {
            format!(
                "{begin}{} {TAKE}\n",
                mount
                    .replace("=ID", &format!("={OURS}"))
                    .replace("/ID", &format!("/{OURS}"))
                    .replace("\"ID", &format!("\"{OURS}"))
            )
        }));
    }
    all
}

/// Other ways to reach envctl's secrets and caches.
fn others() -> Vec<String> {
    let caches = [
        "id=envctl-uv,target=/y",
        "target=envctl-uv",
        "target=./x/../envctl-uv/",
        "id=mine,id=envctl-uv,target=/y",
        "id=,target=envctl-uv",
        "id=Envctl-uv,target=/y",
        "id=/envctl-uv,target=/y",
    ];
    let mut all: Vec<String> = caches
        .iter()
        .map(|cache| {
            format!("WORKDIR /\nRUN --mount=type=cache,{cache} sh -c 'touch /y/poison /envctl-uv/poison; true'\n")
        })
        .collect();
    let lines = [
        "COPY --from=envctl-fetch / /loot-all\n",
        "COPY --from=0 / /loot-all\n",
        "RUN --mount=from=envctl-fetch-0,target=/x true\n",
        "FROM scratch\n",
        "ADD http://127.0.0.1:1/ /x\n",
        "RUN --network=host true\n",
        "RUN <<EOF\nRUN --mount=type=secret,id=envctl-index true\nEOF\n",
    ];
    all.extend(lines.map(str::to_owned));
    all
}

/// Whether the real builder gives the secret to the lines, or lets them write into envctl's cache.
async fn steals(at: usize, lines: &str) -> bool {
    let tag = format!("envctl-attack/append-{at}:{}", std::process::id());
    // The lines follow a comment, as in a Dockerfile of envctl. The mark proves that they were built.
    let dockerfile = format!("FROM BASE\nENV CASE={at}-{}\n# The manifest's own lines.\n{lines}", std::process::id());
    if build(&tag, &dockerfile, &[]).await.is_err() {
        return false;
    }
    let loot = says(&tag, "/bin/sh", "cat /loot 2>/dev/null || true");
    remove_image(&tag);
    loot.contains(PASSWORD)
}

#[test]
fn lines_that_are_judged_harmless_are_harmless_to_the_builder() {
    let all: Vec<String> = spellings().into_iter().chain(others()).collect();
    let harmless: Vec<(usize, &String)> =
        all.iter().enumerate().filter(|(_, lines)| judge_lines(lines, &[]).is_ok()).collect();
    assert!(harmless.len() > 5 && harmless.len() < all.len() / 4, "{} of {}", harmless.len(), all.len());
    let stolen = block_on(join_all(harmless.iter().map(|(at, lines)| steals(*at, lines))));
    let wrong: Vec<_> = harmless.iter().zip(stolen).filter(|(_, stolen)| *stolen).map(|(lines, _)| lines).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(shared_cache(&format!("envctl-attack/append-look:{}", std::process::id())), "");
}

/// Proves that the test above would notice a theft: a search in the text would accept these lines.
#[test]
fn the_builder_gives_our_secret_to_lines_that_we_refuse() {
    let lines = [
        "RUN --mount=type=secret,\\\n# a comment\nid=envctl-index,target=/x/s TAKE\n",
        "RUN --mount=type=secret,\\\n\nid=envctl-index,target=/x/s TAKE\n",
        "RUN --mount=type=secret,\\  \nid=envctl-index,target=/x/s TAKE\n",
        "RUN --mount=type=secret,id=hf,id=envctl-index,target=/x/s TAKE\n",
    ];
    let lines = lines.map(|lines| lines.replace("TAKE", TAKE));
    for lines in &lines {
        assert!(judge_lines(lines, &["hf"]).is_err(), "{lines}");
    }
    let stolen = block_on(join_all(lines.iter().enumerate().map(|(at, lines)| steals(1000 + at, lines))));
    assert_eq!(stolen, [true; 4]);
}

#[test]
fn a_refused_line_is_named_with_its_reason() {
    let sandbox = Sandbox::new("[build]\nappend = \"\"\"\nENV A=b\nADD http://127.0.0.1/ /x\n\"\"\"\n");
    let refused = sandbox.json(&["render", "--bootstrap"]);
    assert_eq!(refused["error"]["kind"], "bad-append", "{refused:#}");
    let message = refused["error"]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "line 2 of `[build] append` is refused, `ADD http://127.0.0.1/ /x`: `ADD` is not allowed there"
    );
}

/// Writes a word into a cache that has none, and copies it into the image.
const KEEP: &str = "\
RUN --mount=type=cache,target=/mine,sharing=locked \\
    { [ -e /mine/word ] || cat /proc/sys/kernel/random/uuid > /mine/word; } && cp /mine/word /word
";

/// The word that a build of the environment finds with these lines.
fn word(sandbox: &Sandbox, lines: &str) -> String {
    sandbox.write_manifest(&format!("[build]\nappend = '''\n{lines}'''\n"));
    let built = sandbox.json(&["build", "--bootstrap"]);
    let image = built["image"].as_str().unwrap_or_else(|| panic!("{built:#}"));
    let word = says(image, "/bin/sh", "cat /word");
    remove_image(image);
    word
}

#[test]
fn a_cache_of_own_lines_is_the_environments_own() {
    let (mine, theirs) = (Sandbox::without_key(""), Sandbox::without_key(""));
    let kept = word(&mine, KEEP);
    assert_ne!(kept, word(&theirs, KEEP));
    assert_eq!(kept, word(&mine, &format!("ENV OTHER=1\n{KEEP}")));
    // The output of `render` is the same for both and has the cache's name from the manifest.
    theirs.write_manifest(&fs::read_to_string(mine.file("envctl.toml")).unwrap().replace(MANIFEST, ""));
    fs::copy(mine.file("envctl.lock"), theirs.file("envctl.lock")).unwrap();
    let shown = [&mine, &theirs].map(|sandbox| sandbox.ok(&["render", "--bootstrap"]).stdout);
    assert_eq!(shown[0], shown[1]);
    assert!(shown[0].contains(KEEP), "{}", shown[0]);
}

#[test]
fn own_lines_do_not_change_what_a_start_runs() {
    let lines = "USER nobody\nSHELL [\"/bin/false\"]\nENTRYPOINT [\"/bin/false\"]\nCMD [\"/bin/false\"]\nSTOPSIGNAL 9\n\
        ENV ENVCTL_STAGE=2 ENVCTL_SSH=0\nHEALTHCHECK --interval=1s CMD touch /checked\nWORKDIR /nowhere\n";
    let sandbox = Sandbox::new(&format!("[build]\nappend = '''\n{lines}'''\n"));
    sandbox.is_up();
    let look = "id -u; test -e /checked || echo unchecked";
    assert_eq!(sandbox.ssh(&[look]), "0\nunchecked");
    sandbox.ok(&["restart"]);
    assert_eq!(sandbox.ssh(&[look]), "0\nunchecked");
}

/// The ways to name another image. `IMAGE` is an image that the user can read and the project must not.
const TAKING_FROM_IMAGES: [&str; 14] = [
    "COPY --from=IMAGE /private /x",
    "copy\t--from=IMAGE /private /x",
    "COPY --chown=0:0 --from=IMAGE /private /x",
    "COPY \\\n  --from=IMAGE /private /x",
    "COPY \\\n# a comment\n\n  --from=IMAGE [\"/private\", \"/x\"]",
    "COPY --from=docker.io/library/IMAGE /private /x",
    "RUN --mount=from=IMAGE,target=/p cp /p/private /x",
    "RUN --mount=type=bind,from=IMAGE,source=/,target=/p cp /p/private /x",
    "RUN --mount=TYPE=BIND,FROM=IMAGE,dst=/p cp /p/private /x",
    "RUN --mount=type=cache,from=IMAGE,target=/p cp /p/private /x",
    "RUN --mount=type=tmpfs,target=/t --mount=target=/p,from=IMAGE,ro cp /p/private /x",
    "RUN --mount=type=bind,\\\nfrom=IMAGE,target=/p cp /p/private /x",
    "ARG I=IMAGE\nCOPY --from=$I /private /x",
    "ARG I=IMAGE\nRUN --mount=from=${I},target=/p cp /p/private /x",
];

#[test]
fn lines_that_take_files_from_an_image_are_asked_about_before_a_build() {
    let image = format!("attack-private:{}", std::process::id());
    block_on(build(&image, &format!("FROM BASE\nRUN echo {PASSWORD} > /private\n"), &[])).unwrap();
    let sandbox = crate::sandbox::Sandbox::new("");
    sandbox.ok(&["lock"]);
    let append = |line: &str| sandbox.write_manifest(&format!("[build]\nappend = '''\n{line}\n'''\n"));
    for line in TAKING_FROM_IMAGES {
        append(&line.replace("IMAGE", &image));
        for verb in ["render", "build", "up"] {
            let refused = sandbox.json(&[verb, "--bootstrap"]);
            assert_eq!(refused["error"]["kind"], "not-granted", "{verb} {line}: {refused:#}");
            assert!(refused["error"]["hints"].to_string().contains("--allow image"), "{verb} {line}: {refused:#}");
        }
    }
    // The user agrees to images of others. Images that envctl makes stay out of reach.
    for from in ["envctl-fetch", "ENVCTL-FETCH-0", "0", "+0", "envctl.invalid/uv:1", "docker.io/envctl/lab:1"] {
        for line in ["COPY --from=IMAGE / /x", "RUN --mount=from=IMAGE,target=/p true"] {
            append(&line.replace("IMAGE", from));
            let refused = sandbox.json(&["build", "--bootstrap", "--allow", "image"]);
            assert_eq!(refused["error"]["kind"], "bad-append", "{from} {line}: {refused:#}");
        }
    }
    // `[build] copy` reads only the project.
    for from in [format!("--from={image}"), format!("--from={image} /private"), "../home".to_owned(), "/etc".to_owned()]
    {
        sandbox.write_manifest(&format!("[build]\ncopy = [\"{from}:/x\"]\n"));
        let refused = sandbox.json(&["build", "--bootstrap"]);
        assert_eq!(refused["ok"], false, "{from}: {refused:#}");
    }
    // The proof that a line does reach the image.
    append(&TAKING_FROM_IMAGES[0].replace("IMAGE", &image));
    let built = sandbox.json(&["build", "--bootstrap", "--allow", "image"]);
    let made = built["image"].as_str().unwrap_or_else(|| panic!("{built:#}"));
    assert_eq!(says(made, "/bin/sh", "cat /x"), PASSWORD);
    sandbox.write_manifest("");
    remove_image(made);
    remove_image(&image);
}
