#!/bin/sh
# Builds wheels from sources that were downloaded before. Code of packages runs here, as nobody, without secrets and
# without shared caches. Arguments: options of uv.
set -eu
here=/run/envctl/sources
wheels=/var/lib/envctl-wheels

# As many jobs as there are processors and memory for: a compiler takes up to 3 GiB.
jobs=$(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo) / 3145728))
[ "$jobs" -le "$(nproc)" ] || jobs=$(nproc)
[ "$jobs" -ge 1 ] || jobs=1
export MAX_JOBS="$jobs" CMAKE_BUILD_PARALLEL_LEVEL="$jobs" CARGO_BUILD_JOBS="$jobs" MAKEFLAGS="-j$jobs"
export UV_CONCURRENT_BUILDS=1

for group in "$here"/build-*; do
    cat "$group"/source-* >/var/tmp/envctl-sources.txt
    /run/envctl/uv "$@" --offline --preview-features build-dependency-hashes pip install \
        --python /opt/envctl/interpreter --target /var/tmp/envctl-target --require-hashes --no-deps \
        --build-constraints "$group/requirements.txt" --require-build-hashes --requirement /var/tmp/envctl-sources.txt
done
# A wheel that a source contains is none that was built.
find "$UV_CACHE_DIR" -name src -prune -o -path '*/sdists-*' -type f -name '*.whl' -exec cp {} "$wheels" ';'
