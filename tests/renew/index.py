# A package index for tests: serves what a JSON file lists, writes each request's line to a log, and prints its port.
#
#   python3 index.py INDEX.json LOG [CERT.pem KEY.pem]
import io
import json
import os
import ssl
import sys
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

INDEX, LOG = json.load(open(sys.argv[1])), sys.argv[2]
WHEELS = {wheel["file"]: wheel for page in INDEX.values() for wheel in page}


def page(files):
    listed = [
        {
            "filename": wheel["file"],
            "url": f"/files/{wheel['file']}",
            "yanked": False,
            "hashes": {},
        }
        | ({} if "plain" in wheel else {"upload-time": wheel["uploaded"], "core-metadata": True})
        for wheel in files
    ]
    return json.dumps({"meta": {"api-version": "1.1"}, "files": listed})


def wheel_bytes(wheel):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        name = "-".join(wheel["file"].split("-")[:2])
        archive.writestr(f"{name}.dist-info/METADATA", wheel["metadata"])
    return packed.getvalue()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        with open(LOG, "a") as log:
            log.write(self.requestline + "\n")
        # A request to a proxy names the whole address.
        folder, _, name = urlsplit(self.path).path.strip("/").partition("/")
        if folder == "simple" and name in INDEX:
            self.answer("application/vnd.pypi.simple.v1+json", page(INDEX[name]))
        elif folder == "files" and "plain" in WHEELS.get(name, {}):
            # The whole file, whatever part is asked for.
            self.answer("application/zip", wheel_bytes(WHEELS[name]))
        elif folder == "files" and name.removesuffix(".metadata") in WHEELS:
            self.answer("text/plain", WHEELS[name.removesuffix(".metadata")]["metadata"])
        elif folder == "static" and os.path.exists(static := os.path.join(os.path.dirname(LOG), "static", name)):
            self.answer("application/octet-stream", open(static, "rb").read())
        else:
            self.send_error(404)

    def answer(self, kind, body):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
