# Looks at every shared library of the virtual environment: which libraries it needs that nothing provides. Where a row
# names the distribution's package, it is installed; the rest is reported. A module that does not find the GPU libraries
# of other packages gets a hook that loads them first. It reads files and runs nothing of the environment, so packages
# have no say here. It needs Python 3.6 and its standard library alone.
#
#     libraries.py build PROOF [APT-GET OPTION...]   PROOF is a JSON file that `proof_program.rs` writes. Without a command
#                                                    after it, nothing is installed.
#     libraries.py look PROOF                        in a container: changes nothing
#
# Each finding is one line on standard output: the mark and a JSON object.
import glob
import json
import os
import re
import struct
import subprocess
import sys

MARK = "envctl-proof "
NO_INPUT = 66
VENV = "/opt/envctl/venv"
# Limits for files that anybody can have made.
MOST_ENTRIES = 4096
LONGEST_NAME = 4096
MOST_FINDINGS = 200

# Plugins of Qt that are loaded only for their service (databases, themes, speech): every wheel has all of them.
PLUGIN = re.compile(r"/[Qq]t[^/]*/(qml|plugins/(?!platforms/|xcbglintegrations/|imageformats/|iconengines/))")

PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_STRTAB, DT_SONAME = 1, 5, 14


def machine_of(path):
    """The machine of a 64-bit little-endian ELF file, or None."""
    with open(path, "rb") as file:
        head = file.read(20)
    if len(head) < 20 or head[:6] != b"\x7fELF\x02\x01":
        return None
    return struct.unpack_from("<H", head, 18)[0]


def dynamic(path):
    """The names that an ELF file needs, and its own name."""
    with open(path, "rb") as file:
        head = file.read(64)
        start, size, count = struct.unpack_from("<Q", head, 32)[0], *struct.unpack_from("<HH", head, 54)
        file.seek(start)
        table = file.read(min(size * count, 56 * MOST_ENTRIES))
        loads, entries = [], b""
        for at in range(0, len(table) - 55, max(size, 56)):
            kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", table, at)
            if kind == PT_LOAD:
                loads.append((address, offset, length))
            if kind == PT_DYNAMIC:
                file.seek(offset)
                entries = file.read(min(length, 16 * MOST_ENTRIES))
        tags = [struct.unpack_from("<QQ", entries, at) for at in range(0, len(entries) - 15, 16)]
        address = next((value for tag, value in tags if tag == DT_STRTAB), None)
        segment = next((load for load in loads if address is not None and load[0] <= address < load[0] + load[2]), None)
        if segment is None:
            return [], None

        def text(offset):
            file.seek(segment[1] + address - segment[0] + offset)
            return file.read(LONGEST_NAME).split(b"\0")[0].decode("utf-8", "replace")

        needed = [text(value) for tag, value in tags if tag == DT_NEEDED]
        own = next((text(value) for tag, value in tags if tag == DT_SONAME), None)
    return needed, own


def libraries(root):
    """Each shared library below a directory, with what it needs and its own name."""
    machine = machine_of("/proc/self/exe")
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            if ".so" not in name or not os.path.isfile(path):
                continue
            try:
                if machine_of(path) == machine:
                    yield (path, *dynamic(path))
            except (OSError, struct.error, ValueError, OverflowError):
                continue


def system_directories():
    """Where the loader looks: its configuration, its own directories, LD_LIBRARY_PATH, the interpreter's library."""
    found = ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib", os.path.join(sys.base_prefix, "lib")]
    found += os.environ.get("LD_LIBRARY_PATH", "").split(":")
    files = ["/etc/ld.so.conf"]
    if os.path.isdir("/etc/ld.so.conf.d"):
        files += sorted(os.path.join("/etc/ld.so.conf.d", name) for name in os.listdir("/etc/ld.so.conf.d"))
    for path in files:
        try:
            with open(path) as file:
                found += [line.strip() for line in file if line.startswith("/")]
        except (OSError, ValueError):
            continue
    return [path for path in dict.fromkeys(found) if path and os.path.isdir(path)]


def system_names():
    names = set()
    for folder in system_directories():
        names.update(name for name in os.listdir(folder) if ".so" in name)
    return names


def distribution():
    """`debian:12`"""
    facts = {}
    try:
        with open("/etc/os-release") as file:
            for line in file:
                name, _, value = line.strip().partition("=")
                facts[name] = value.strip("\"'")
    except (OSError, ValueError):
        return ""
    return "{}:{}".format(facts.get("ID", ""), facts.get("VERSION_ID", ""))


def installed():
    """The packages that dpkg has installed."""
    found, name = set(), ""
    try:
        with open("/var/lib/dpkg/status", errors="replace") as file:
            for line in file:
                if line.startswith("Package: "):
                    name = line[9:].strip()
                elif line.startswith("Status: ") and line.split()[-1] == "installed":
                    found.add(name)
    except OSError:
        pass
    return found


def owners(root):
    """The distribution of the Python index that each shared library belongs to."""
    owner = {}
    for folder, folders, _ in os.walk(root):
        for name in [name for name in folders if name.endswith(".dist-info")]:
            try:
                with open(os.path.join(folder, name, "RECORD"), errors="replace") as file:
                    for line in file:
                        path = line.rsplit(",", 2)[0].strip('"')
                        if ".so" in path:
                            owner[os.path.normpath(os.path.join(folder, path))] = name.split("-")[0].replace("_", "-")
            except OSError:
                continue
    return owner


class Rows:
    def __init__(self, proof):
        self.packages = proof["packages"].get(distribution(), {})
        passed = proof["driver"] + proof["optional"]
        self.passed = set(passed)
        self.prefixes = tuple(name[:-1] for name in passed if name.endswith("*"))

    def passes(self, name):
        """Whether the driver brings a library, or nobody misses it. A row with a package for this distribution wins."""
        return name not in self.packages and (name in self.passed or name.startswith(self.prefixes))


def missing(rows):
    """Each library that nothing provides, with the first file that needs it."""
    found = list(libraries(VENV))
    there = system_names()
    for path, _, own in found:
        there.update((os.path.basename(path), own))
    lacks = {}
    for path, needed, _ in found:
        for name in () if PLUGIN.search(path) else needed:
            # An entry with a slash is a path of its own, and the loader itself is always there.
            if name not in there and "/" not in name and not name.startswith("ld-linux") and not rows.passes(name):
                lacks.setdefault(name, path)
    return lacks


HOOK = '''# Written by envctl. These modules load GPU libraries of other packages and do not look where they are, so the
# libraries are loaded when the module is imported, and no other program finds another library than before.
import sys

LIBRARIES = {libraries}


class Preload:
    @staticmethod
    def find_spec(name, path=None, target=None):
        libraries = LIBRARIES.pop(name, ())
        if libraries:
            import ctypes
            import os

            for library in libraries:
                try:
                    ctypes.CDLL(os.path.join(os.path.dirname(__file__), library))
                except OSError:
                    pass
        return None


sys.meta_path.insert(0, Preload)
'''


def hook(preloads):
    """Writes the hook for the modules of these packages whose file is there."""
    wanted = {}
    for site in glob.glob(VENV + "/lib/python3*/site-packages"):
        found = {path: (needed, own) for path, needed, own in libraries(site)}
        by_name = {}
        for path, (_, own) in sorted(found.items()):
            by_name.setdefault(os.path.basename(path), path)
            by_name.setdefault(own, path)
        for module, row in sorted(preloads.items()):
            needed = list(row["libraries"])
            if row["file"]:
                needed += found.get(os.path.join(site, row["file"]), ([], None))[0]
            order, seen = [], set()
            for name in needed:
                load_order(by_name.get(name), found, by_name, order, seen)
            if order:
                wanted[module] = [os.path.relpath(path, site) for path in order]
        if wanted:
            with open(os.path.join(site, "_envctl_preload.py"), "w") as file:
                file.write(HOOK.replace("{libraries}", json.dumps(wanted, indent=4, sort_keys=True)))
            with open(os.path.join(site, "_envctl_preload.pth"), "w") as file:
                file.write("import _envctl_preload\n")
    return wanted


def load_order(path, found, by_name, order, seen):
    """Adds a file after all files of the packages that it needs."""
    if path not in found or path in seen or len(seen) > MOST_FINDINGS:
        return
    seen.add(path)
    for name in found[path][0]:
        load_order(by_name.get(name), found, by_name, order, seen)
    order.append(path)


def install(command, packages):
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    subprocess.check_call([*command, "update"], stdout=sys.stderr)
    subprocess.check_call([*command, "install", "--yes", "--no-install-recommends", *packages], stdout=sys.stderr)


def has(command):
    return any(os.access(os.path.join(folder, command), os.X_OK) for folder in os.environ.get("PATH", "").split(":"))


def build(proof, command):
    rows = Rows(proof)
    lacks = missing(rows)
    added = {rows.packages[name] for name in lacks if name in rows.packages}
    wanted = sorted((set(proof["locked"]) | added) - installed())
    if not command or not wanted or not has(command[0]):
        report(rows, lacks, lacks)
    else:
        install(command, wanted)
        report(rows, lacks, missing(rows))
    hook(proof["preloads"])


def report(rows, lacks, left):
    owner = owners(VENV)
    for name, path in sorted(lacks.items())[:MOST_FINDINGS]:
        finding = {"library": name, "file": os.path.relpath(path, VENV), "owner": owner.get(os.path.normpath(path))}
        finding["package"] = rows.packages.get(name)
        finding["added"] = name not in left
        print(MARK + json.dumps(finding, sort_keys=True), flush=True)


def main():
    try:
        with open(sys.argv[2]) as file:
            proof = json.load(file)
    except FileNotFoundError:
        sys.exit(NO_INPUT)
    if sys.argv[1] == "build":
        build(proof, sys.argv[3:])
    else:
        rows = Rows(proof)
        lacks = missing(rows)
        report(rows, lacks, lacks)


if __name__ == "__main__":
    main()
