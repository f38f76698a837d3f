#!/bin/sh
# Downloads sources, and what is there while they are built. `python` beside it stands in for the environment's Python and
# runs nothing, so no code of a package sees what this step sees. Arguments: options of uv.
set -eu
here=/run/envctl/sources
target=/var/tmp/envctl-target
ENVCTL_SOURCE_SEEN=/var/tmp/envctl-seen
export ENVCTL_SOURCE_SEEN

for group in "$here"/build-*; do
    # With dependencies: the build resolves them again, and has only what is downloaded here.
    if [ -s "$group/requirements.txt" ]; then
        /run/envctl/uv "$@" pip install --only-binary :all: --requirement "$group/requirements.txt" \
            --python "$here/python" --target "$target" --require-hashes
    fi
    for source in "$group"/source-*; do
        mkdir "$ENVCTL_SOURCE_SEEN"
        # uv ends with an error, because nothing is built here. What counts is whether it came as far as the build.
        /run/envctl/uv "$@" pip install --no-build-isolation --requirement "$source" \
            --python "$here/python" --target "$target" --require-hashes --no-deps 2>/var/tmp/envctl-log || true
        if [ ! -e "$ENVCTL_SOURCE_SEEN/seen" ]; then
            cat /var/tmp/envctl-log >&2
            exit 1
        fi
        rm -rf "$ENVCTL_SOURCE_SEEN" /var/tmp/envctl-log
    done
done
rm -rf "$target" "$UV_CACHE_DIR"/interpreter-*
# The step that builds is nobody's.
chmod -R a+rwX "$UV_CACHE_DIR"
