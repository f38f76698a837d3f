# Downloads from package indexes with the settings of the caller's own pip: its index, proxies, credentials,
# certificates and retries, as `pip config list` and `pip help download` print them. It uses only pip's commands and the
# standard library. Each line on standard input is one request, each line on standard output one answer, in any order.
# Both are JSON.
import ast
import base64
import io
import json
import netrc
import os
import re
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener
from zipfile import ZipFile

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
WORKERS = 6
# The largest file that is read whole, if the server gives no parts of it.
WHOLE = 64 << 20
# The status codes of an overloaded server.
PASSING = {500, 502, 503, 504, 520, 524}


def pip(*words):
    # Wide enough that no address is broken into two lines.
    variables = dict(os.environ, COLUMNS="2000", PIP_DISABLE_PIP_VERSION_CHECK="1")
    ended = subprocess.run([sys.executable, "-m", "pip", *words], env=variables, capture_output=True, text=True)
    if ended.returncode != 0:
        sys.exit(ended.stderr.strip().rsplit("\n", 1)[-1] or "pip fails")
    return ended.stdout


class Settings:
    def __init__(self, options):
        found = {"global": {}, "download": {}, ":env:": {}}
        for line in pip("config", "list").splitlines():
            name, _, value = line.partition("=")
            section, _, key = name.rpartition(".")
            if section in found:
                found[section][key] = ast.literal_eval(value)
        # In pip's order: the command's own section precedes the general one, and variables precede both.
        merged = {**found["global"], **found["download"], **found[":env:"]}
        self.index = options[1] if options[:1] == ["--index-url"] else merged.get("index-url") or default_index()
        self.proxy = merged.get("proxy")
        self.cert = merged.get("cert") or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        self.client_cert = merged.get("client-cert")
        self.trusted = merged.get("trusted-host", "").split()
        self.timeout = float(merged.get("timeout") or merged.get("default-timeout") or 15)
        self.retries = int(merged.get("retries") or 5)


def default_index():
    return re.search(r"--index-url.*\(default (\S+)\)", pip("help", "download")).group(1)


class Redirects(HTTPRedirectHandler):
    def redirect_request(self, request, *rest):
        follow = super().redirect_request(request, *rest)
        if follow and request.type == "https" and follow.type != "https":
            raise URLError(f"`{request.full_url}` leads to an address without TLS")
        return follow


class Session:
    def __init__(self, settings):
        self.settings = settings
        proxies = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else None
        checked, unchecked = ssl.create_default_context(), ssl.create_default_context()
        unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
        if settings.cert:
            checked.load_verify_locations(**{"capath" if os.path.isdir(settings.cert) else "cafile": settings.cert})
        if settings.client_cert:
            checked.load_cert_chain(settings.client_cert)
            unchecked.load_cert_chain(settings.client_cert)
        opener = lambda context: build_opener(ProxyHandler(proxies), HTTPSHandler(context=context), Redirects())
        self.checked, self.unchecked = opener(checked), opener(unchecked)

    def get(self, url, headers=None, most=None):
        """The final address, the status, the headers and the bytes. A file of more than `most` bytes is an error."""
        parts = urlsplit(url)
        request = Request(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), headers=headers or {})
        login = credentials(parts)
        if login:
            # This header is not sent to the target of a redirect.
            request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
        host = parts.netloc.rpartition("@")[2]
        trusts = host in self.settings.trusted or parts.hostname in self.settings.trusted
        opener = self.unchecked if trusts else self.checked
        for left in range(self.settings.retries, -1, -1):
            try:
                with opener.open(request, timeout=self.settings.timeout) as response:
                    body = response.read() if most is None else response.read(most + 1)
                    if most is not None and len(body) > most:
                        raise TooLong(f"the server gives no parts of a file, and this one has more than {most} bytes")
                    return response.url, response.status, response.headers, body
            except TooLong:
                raise
            except HTTPError as error:
                if error.code not in PASSING or not left:
                    raise
            except (URLError, OSError) as error:
                if not left:
                    raise silence(error) from error
            time.sleep(0.25 * 2 ** (self.settings.retries - left))


def credentials(parts):
    if parts.username is not None:
        return f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    try:
        found = netrc.netrc().authenticators(parts.hostname)
    except (OSError, netrc.NetrcParseError):
        found = None
    return f"{found[0]}:{found[2]}" if found else None


class TooLong(Exception):
    pass


class ConnectionError(Exception):
    pass


class SSLError(Exception):
    pass


class ReadTimeout(Exception):
    pass


def silence(error):
    """An error with a name which means that no server answers."""
    reason = getattr(error, "reason", error)
    kinds = {ssl.SSLError: SSLError, TimeoutError: ReadTimeout}
    return next((kinds[kind](reason) for kind in kinds if isinstance(reason, kind)), ConnectionError(reason))


class RemoteFile(io.RawIOBase):
    """A file on a server that is read in parts."""

    def __init__(self, session, url, length):
        self.session, self.url, self.at, self.length = session, url, 0, length

    def part(self, wanted):
        _, status, headers, body = self.session.get(self.url, {"Range": wanted})
        if status != 206:
            raise OSError("the server gives no parts of a file")
        return headers["Content-Range"], body

    def seekable(self):
        return True

    def readable(self):
        return True

    def tell(self):
        return self.at

    def seek(self, offset, whence=io.SEEK_SET):
        self.at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.length}[whence]
        return self.at

    def readinto(self, buffer):
        end = min(self.at + len(buffer), self.length)
        if end <= self.at:
            return 0
        _, body = self.part(f"bytes={self.at}-{end - 1}")
        buffer[: len(body)] = body
        self.at += len(body)
        return len(body)


def opened(session, url):
    """The file in parts, or whole in memory if the server ignores the request for a part."""
    _, status, headers, body = session.get(url, {"Range": "bytes=-1"}, WHOLE)
    if status != 206:
        return io.BytesIO(body)
    length = int(headers["Content-Range"].rsplit("/", 1)[-1])
    return io.BufferedReader(RemoteFile(session, url, length), 1 << 16)


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
    # A page of links, as for `--find-links`, contains all packages.
    of_links = base.endswith(".html")
    try:
        address = base if of_links else f"{base.rstrip('/')}/{package}/"
        url, _, headers, body = session.get(address, {"Accept": ACCEPT})
    except HTTPError as error:
        if error.code == 404:
            return []
        raise
    is_json = "json" in headers.get_content_type()
    files = of_json(json.loads(body)) if is_json else of_html(body.decode(headers.get_content_charset() or "utf-8"))
    if of_links:
        files = [file for file in files if file["file"].split("-")[0].lower().replace("_", "-") == package]
    return [dict(file, url=urljoin(with_login(base, url), file["url"])) for file in files]


def with_login(base, url):
    """Adds the password in the address of an index to the addresses of its files on the same host."""
    login, at, host = urlsplit(base).netloc.rpartition("@")
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=login + at + host)) if at and parts.netloc == host else url


def member(session, url, suffix, sidecar):
    if sidecar and suffix == ".dist-info/METADATA":
        try:
            return session.get(url + ".metadata")[3].decode("utf-8", "replace")
        except HTTPError:
            pass
    with opened(session, url) as remote, ZipFile(remote) as wheel:
        found = [name for name in wheel.namelist() if name.endswith(suffix)]
        return wheel.read(min(found, key=len)).decode("utf-8", "replace") if found else None


def answer(session, ask):
    if "package" in ask:
        return page(session, ask.get("index") or session.settings.index, ask["package"])
    return member(session, ask["url"], ask["suffix"], ask["sidecar"])


def main():
    session = Session(Settings(sys.argv[1:]))
    lock = threading.Lock()

    def work(line):
        ask = json.loads(line)
        try:
            reply = {"id": ask["id"], "answer": answer(session, ask)}
        except Exception as error:
            reply = {"id": ask["id"], "error": f"{type(error).__name__}: {error}"}
        with lock:
            print(json.dumps(reply), flush=True)

    with ThreadPoolExecutor(WORKERS) as pool:
        for line in sys.stdin:
            pool.submit(work, line)


main()
