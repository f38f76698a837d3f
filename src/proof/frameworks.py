# Imports the frameworks, and computes with them, each in a process of its own. It needs Python 3.6 and its standard
# library alone.
#
#     frameworks.py import PROOF     in a build: imports alone, not as root
#     frameworks.py compute PROOF    in a container: also computes, on each GPU
#
# PROOF is a JSON file that `proof_program.rs` writes: the frameworks with the lines of Python from the compatibility data, and the
# libraries that come with the driver. Each finding is one line on standard output: the mark and a JSON object.
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

MARK = "envctl-proof "
NO_INPUT = 66
PYTHON = "/opt/envctl/venv/bin/python"
# The user without rights, as whom packages run in a build: code of packages is not root's.
NOBODY = 65534
LONGEST = 2000

CHILD = r"""
import ast, ctypes, json, os, sys, time

channel = os.fdopen(int(sys.argv[1]), "w")
phase, code = sys.argv[2], sys.argv[3]
imports = [node for node in ast.parse(code).body if isinstance(node, (ast.Import, ast.ImportFrom))]


def tell(**finding):
    channel.write(json.dumps(finding) + "\n")
    channel.flush()


class Last:
    # Standard output, of which the last line is the result.
    line = ""

    def write(self, text):
        for line in text.splitlines():
            self.line = line.strip() or self.line

    def flush(self):
        pass


def seen():
    # The libraries of CUDA that are loaded now, and what they say of themselves.
    paths = {}
    with open("/proc/self/maps") as maps:
        for line in maps:
            path = line.split(None, 5)[-1].strip()
            for name in ("libcudart.so", "libcudnn.so"):
                if os.path.basename(path).startswith(name):
                    paths[name] = path
    found = {}
    try:
        if "libcudart.so" in paths:
            version = ctypes.c_int()
            ctypes.CDLL(paths["libcudart.so"]).cudaRuntimeGetVersion(ctypes.byref(version))
            found["cuda"] = "{}.{}".format(version.value // 1000, version.value % 1000 // 10)
        if "libcudnn.so" in paths:
            library = ctypes.CDLL(paths["libcudnn.so"])
            library.cudnnGetVersion.restype = ctypes.c_size_t
            version = library.cudnnGetVersion()
            major = 10000 if version >= 90000 else 1000
            found["cudnn"] = "{}.{}.{}".format(version // major, version % major // 100, version % 100)
    except (OSError, AttributeError):
        pass
    return found


def run(body, values):
    exec(compile(ast.Module(body=body, type_ignores=[]), "<envctl>", "exec"), values)


values = {"__name__": "__main__"}
begin = time.time()
try:
    run(imports, values)
except BaseException as error:
    tell(phase="import", error="{}: {}".format(type(error).__name__, error))
    raise
tell(phase="import", seconds=round(time.time() - begin, 1))
if phase == "compute":
    output, sys.stdout = sys.stdout, Last()
    try:
        run(ast.parse(code).body, values)
        result = json.loads(sys.stdout.line)
    except BaseException as error:
        tell(phase="compute", error="{}: {}".format(type(error).__name__, error))
        raise
    sys.stdout = output
    tell(phase="compute", result=result, **seen())
"""


def as_nobody():
    """Gives root's rights up, where there are any."""
    try:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    except OSError:
        # A builder without this user among its own: it has no root of the host, either.
        pass


def run(code, phase, home, variables):
    """Runs the lines in a process of its own. The findings by phase, and the last lines on standard error."""
    reader, writer = os.pipe()
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **variables)
    drop = None
    if home:
        environment.update(HOME=home, TMPDIR=home, XDG_CACHE_HOME=home)
        drop = as_nobody if os.getuid() == 0 else None
    process = subprocess.Popen(
        [PYTHON, "-c", CHILD, str(writer), phase, code],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        pass_fds=[writer], env=environment, preexec_fn=drop, cwd=home or None,
    )
    os.close(writer)
    errors = process.stderr.read()[-20000:].decode("utf-8", "replace")
    process.wait()
    with os.fdopen(reader, errors="replace") as file:
        told = file.read(100000)
    findings = {}
    for line in told.splitlines():
        try:
            finding = json.loads(line)
            findings[finding.pop("phase")] = finding
        except (ValueError, KeyError, AttributeError):
            continue
    if process.returncode < 0:
        phase = "compute" if "import" in findings else "import"
        name = signal.Signals(-process.returncode).name
        findings.setdefault(phase, {})["error"] = "the process was ended by {}".format(name)
    elif process.returncode and not any("error" in finding for finding in findings.values()):
        findings.setdefault("import", {})["error"] = (errors.strip().splitlines() or ["no reason was printed"])[-1]
    for finding in findings.values():
        if "error" in finding:
            finding["error"] = finding["error"][:LONGEST]
    return findings, errors


def lacks_driver(error, driver):
    """The library of the driver that an error names."""
    return next((name for name in driver if name in error), None)


def import_all(proof):
    home = tempfile.mkdtemp()
    os.chown(home, NOBODY, NOBODY) if os.getuid() == 0 else None
    failed = False
    try:
        for framework in proof["frameworks"]:
            findings, errors = run(framework["code"], "import", home, {})
            error = findings.get("import", {}).get("error")
            library = error and lacks_driver(error, proof["driver"])
            if error and not library:
                failed = True
                print("\n".join(errors.strip().splitlines()[-12:]), file=sys.stderr)
                print("envctl: the import of `{}` failed: {}".format(framework["name"], " ".join(error.split())), file=sys.stderr)
                break
            finding = {"framework": framework["name"], "error": error, "driver": library}
            print(MARK + json.dumps(finding, sort_keys=True), flush=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return failed


def gpus():
    """The GPUs that a process here sees, and the newest CUDA of the driver. None: no driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None
    code = driver.cuInit(0)
    if code:
        return {"gpus": [], "error": "the driver answers with error {}".format(code)}
    number, count = ctypes.c_int(), ctypes.c_int()
    driver.cuDriverGetVersion(ctypes.byref(number))
    driver.cuDeviceGetCount(ctypes.byref(count))
    found = []
    for at in range(count.value):
        name, major, minor = ctypes.create_string_buffer(256), ctypes.c_int(), ctypes.c_int()
        device = ctypes.c_int()
        driver.cuDeviceGet(ctypes.byref(device), at)
        driver.cuDeviceGetName(name, len(name), device)
        driver.cuDeviceGetAttribute(ctypes.byref(major), 75, device)
        driver.cuDeviceGetAttribute(ctypes.byref(minor), 76, device)
        capability = "{}.{}".format(major.value, minor.value)
        found.append({"name": name.value.decode("utf-8", "replace"), "capability": capability})
    return {"gpus": found, "cuda": "{}.{}".format(number.value // 1000, number.value % 1000 // 10)}


def gpu_version():
    """The version of the driver in the kernel."""
    try:
        with open("/proc/driver/nvidia/version") as file:
            words = file.readline().split()
    except (OSError, ValueError):
        return None
    return next((word for word in words if word.count(".") >= 1 and word.replace(".", "").isdigit()), None)


def compute_all(proof):
    driver = gpus()
    if driver is not None:
        driver["version"] = gpu_version()
    print(MARK + json.dumps({"machine": driver}, sort_keys=True), flush=True)
    count = len(driver["gpus"]) if driver else 0
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    devices = visible.split(",")[:count] if visible else [str(at) for at in range(count)]
    common = {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_CPP_MIN_LOG_LEVEL": "2"}
    for framework in proof["frameworks"]:
        on = devices if framework["cuda"] and devices else [None]
        for at, device in enumerate(on):
            variables = common if device is None else dict(common, CUDA_VISIBLE_DEVICES=device)
            findings, errors = run(framework["code"], "compute", None, variables)
            finding = {"framework": framework["name"], "gpu": None if device is None else at}
            finding["for_gpu"] = framework["cuda"]
            finding["import"], finding["compute"] = findings.get("import"), findings.get("compute")
            error = next((one["error"] for one in findings.values() if "error" in one), None)
            finding["driver"] = error and lacks_driver(error, proof["driver"])
            finding["output"] = errors.strip().splitlines()[-12:] if error else []
            print(MARK + json.dumps(finding, sort_keys=True), flush=True)


def main():
    try:
        with open(sys.argv[2]) as file:
            proof = json.load(file)
    except FileNotFoundError:
        sys.exit(NO_INPUT)
    if sys.argv[1] == "import":
        sys.exit(1 if import_all(proof) else 0)
    compute_all(proof)


if __name__ == "__main__":
    main()
