# Fetches from package indexes with the caller's own pip: its index, proxies, credentials, certificates and retries.
# One request a line on standard input, one answer a line on standard output, in any order; both are JSON.
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit
from zipfile import ZipFile

from pip._internal.commands import create_command
from pip._internal.network.lazy_wheel import LazyZipOverHTTP

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
WORKERS = 6


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links = []

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self.links.append(dict(attributes))


def of_json(document):
    for file in document["files"]:
        yield {
            "url": file["url"],
            "file": file["filename"],
            "yanked": bool(file.get("yanked")),
            "requires_python": file.get("requires-python"),
            "uploaded": file.get("upload-time"),
            "sidecar": bool(file.get("core-metadata") or file.get("dist-info-metadata")),
        }


def of_html(text):
    parser = Links()
    parser.feed(text)
    for link in parser.links:
        url = link.get("href", "").split("#")[0]
        yield {
            "url": url,
            "file": unquote(urlsplit(url).path.rsplit("/", 1)[-1]),
            "yanked": "data-yanked" in link,
            "requires_python": link.get("data-requires-python"),
            "uploaded": link.get("data-upload-time"),
            "sidecar": "data-core-metadata" in link or "data-dist-info-metadata" in link,
        }


def page(session, base, package):
    # A page of links, as for `--find-links`, holds all packages.
    of_links = base.endswith(".html")
    response = session.get(base if of_links else f"{base.rstrip('/')}/{package}/", headers={"Accept": ACCEPT})
    if response.status_code == 404:
        return []
    response.raise_for_status()
    is_json = "json" in response.headers.get("content-type", "")
    files = of_json(response.json()) if is_json else of_html(response.text)
    if of_links:
        files = [file for file in files if file["file"].split("-")[0].lower().replace("_", "-") == package]
    return [dict(file, url=urljoin(response.url, file["url"])) for file in files]


def member(session, url, suffix, sidecar):
    if sidecar and suffix == ".dist-info/METADATA":
        response = session.get(url + ".metadata")
        if response.status_code == 200:
            return response.text
    with LazyZipOverHTTP(url, session) as remote, ZipFile(remote) as wheel:
        found = [name for name in wheel.namelist() if name.endswith(suffix)]
        return wheel.read(min(found, key=len)).decode("utf-8", "replace") if found else None


def answer(session, default, ask):
    if "package" in ask:
        return page(session, ask.get("index") or default, ask["package"])
    return member(session, ask["url"], ask["suffix"], ask["sidecar"])


def main():
    command = create_command("download")
    with command.main_context():
        options, _ = command.parse_args(["--quiet", *sys.argv[1:], "placeholder"])
        session = command._build_session(options)
        lock = threading.Lock()

        def work(line):
            ask = json.loads(line)
            try:
                reply = {"id": ask["id"], "answer": answer(session, options.index_url, ask)}
            except Exception as error:
                reply = {"id": ask["id"], "error": f"{type(error).__name__}: {error}"}
            with lock:
                print(json.dumps(reply), flush=True)

        with ThreadPoolExecutor(WORKERS) as pool:
            for line in sys.stdin:
                pool.submit(work, line)


main()
