"""What the sink "influxdb" writes to, for the tests beside this file: a real InfluxDB 1.6, a real
VictoriaMetrics, and, since no registry has an InfluxDB 2, a small server that follows the rules its
documentation gives for /api/v2/write. Needs influxdb and victoria-metrics (apt)."""

import base64
import contextlib
import gzip
import json
import os
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sosie import ROOT, eventually, free_port


class Server:
    """One of tests/servers.sh, in a folder and on ports of its own; use it in a `with`."""
    name = ""
    port_variable = ""

    def __init__(self, **env):
        self.folder = Path(tempfile.mkdtemp(prefix=f"sosie-{self.name}-"))
        self.port = free_port()
        self.authority = self.folder / "tls/ca.crt"
        self.env = {**os.environ, "SOSIE_SERVERS_DIR": str(self.folder), **env,
                    self.port_variable: str(self.port), "P_INFLUX_RPC": str(free_port())}
        self.scheme = "https" if env.get("INFLUX_HTTPS") == "true" else "http"
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.control("clean")

    def control(self, command):
        done = subprocess.run([ROOT / "tests/servers.sh", command, self.name], env=self.env,
                              text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"servers.sh {command} {self.name}: {done.stdout} {done.stderr}")

    def start(self):
        self.control("start")

    def stop(self):
        self.control("stop")

    def kill(self):
        pid = int((self.folder / self.name / "pid").read_text())
        os.kill(pid, 9)
        eventually(lambda: not Path(f"/proc/{pid}/exe").exists(), "it is dead", 10)

    def call(self, path, body=None, user=None):
        """The answer's body, of whatever status."""
        request = urllib.request.Request(self.url + path, body)
        if user:
            request.add_header("Authorization",
                               "Basic " + base64.b64encode(":".join(user).encode()).decode())
        trust = ssl.create_default_context(cafile=self.authority) if self.scheme == "https" else None
        try:
            with urllib.request.urlopen(request, timeout=30, context=trust) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()


class InfluxOne(Server):
    name = "influxdb"
    port_variable = "P_INFLUX"

    def ask(self, query, database="", user=None):
        """The rows of each series: [(name, tags, [row as dict])]."""
        text = urllib.parse.urlencode({"q": query, "db": database, "epoch": "u"}).encode()
        result = json.loads(self.call("/query", text, user))["results"][0]
        if result.get("error") == f"database not found: {database}":
            return []  # nobody has written yet
        if "error" in result:
            raise AssertionError(result["error"])
        return [(one.get("name"), {k: v for k, v in one.get("tags", {}).items() if v},
                 [dict(zip(one["columns"], row, strict=True)) for row in one["values"]])
                for one in result.get("series", [])]

    def count(self, database, field="value", measurement="readings", user=None):
        found = self.ask(f'SELECT COUNT("{field}") FROM "{measurement}"', database, user)
        return found[0][2][0]["count"] if found else 0


class Victoria(Server):
    name = "victoria-metrics"
    port_variable = "P_VM"

    def samples(self, metric):
        """{(labels but the name, sorted): {time in ms: value}}"""
        self.call("/internal/force_flush")
        text = self.call("/api/v1/export?" + urllib.parse.urlencode({"match[]": metric}))
        found = {}
        for line in text.splitlines():
            one = json.loads(line)
            labels = tuple(sorted((k, v) for k, v in one["metric"].items() if k != "__name__"))
            found[labels] = dict(zip(one["timestamps"], one["values"], strict=True))
        return found


def cut(text, at):
    """Like str.split, but not where a backslash stands before."""
    parts, part, escaped = [], "", False
    for char in text:
        if char == at and not escaped:
            parts.append(part)
            part = ""
        else:
            part += char
        escaped = char == "\\" and not escaped
    return [*parts, part]


class InfluxTwo:
    """POST /api/v2/write as InfluxDB OSS 2.x documents it: Authorization: Token, org and bucket, 204;
    400 (all refused), 401, 404, 413, 422 (the rest is written), 429 and 503 with Retry-After, and
    errors as {"code", "message"}. Points are kept by measurement, tags, field and time."""

    def __init__(self, org="toulouse", bucket="city", token="s3cret token"):
        self.org, self.bucket, self.token = org, bucket, token
        self.oldest_us = 0  # of what the bucket's retention keeps
        self.busy = []  # (status, Retry-After) of the next answers
        self.points = {}
        self.requests = []
        self.lock = threading.Lock()
        two = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with two.lock:
                    status, headers, answer = two.write(self.path, self.headers, body)
                data = json.dumps(answer).encode() if answer else b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def write(self, path, headers, body):
        self.requests.append((time.monotonic(), path))
        if self.busy:
            status, wait_s = self.busy.pop(0)
            return status, {"Retry-After": str(wait_s)}, {"code": "too many requests",
                                                          "message": "quota exceeded"}
        if headers.get("Authorization") != f"Token {self.token}":
            return 401, {}, {"code": "unauthorized", "message": "unauthorized access"}
        address = urllib.parse.urlsplit(path)
        asked = dict(urllib.parse.parse_qsl(address.query))
        if address.path != "/api/v2/write":
            return 404, {}, {"code": "not found", "message": "path not found"}
        if asked.get("org") != self.org:
            return 404, {}, {"code": "not found",
                             "message": f"organization name \"{asked.get('org')}\" not found"}
        if asked.get("bucket") != self.bucket:
            return 404, {}, {"code": "not found",
                             "message": f"bucket \"{asked.get('bucket')}\" not found"}
        if headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        unit = {"ns": 0.001, "us": 1, "ms": 1000, "s": 1e6}[asked.get("precision", "ns")]
        return self.keep(body.decode(), unit)

    def keep(self, text, unit):
        points = {}
        for line in filter(None, text.split("\n")):
            try:
                head, fields, at = cut(line, " ")
                for field in cut(fields, ","):
                    key, value = cut(field, "=")
                    points[head, key, int(int(at) * unit)] = value
            except ValueError:
                return 400, {}, {"code": "invalid",
                                 "message": f"unable to parse '{line}': invalid field format"}
        kept = {key: value for key, value in points.items() if key[2] >= self.oldest_us}
        self.points.update(kept)
        if len(kept) == len(points):
            return 204, {}, None
        return 422, {}, {"code": "unprocessable entity",
                         "message": "failure writing points to database: partial write: points "
                                    f"beyond retention policy dropped={len(points) - len(kept)}"}


@contextlib.contextmanager
def login(server):
    """Makes the first user, which an InfluxDB lets anyone do, and one who may nothing."""
    server.ask("CREATE USER \"sosie\" WITH PASSWORD 's3cret:/@' WITH ALL PRIVILEGES")
    yield ("sosie", "s3cret:/@")
