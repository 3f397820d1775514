"""A real `sosie broker` for the tests beside this file."""

import http.server
import json
import queue
import subprocess
import threading

from sosie import BINARY, ROOT, Sosie, eventually, free_port


class Broker(Sosie):
    """The NGSI v2 broker alone; use it in a `with`."""

    def __init__(self, *args, **kwargs):
        super().__init__(ROOT / "scenarios/broker/broker.toml", *args, **kwargs)

    def start(self, wait=True):
        self.port = self.port or free_port()
        self.log = open(self.folder / "sosie.log", "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [BINARY, "broker", "--port", str(self.port), "--data", self.folder / "var", *self.args],
            stdout=self.log, stderr=self.log, cwd=ROOT, env=self.env)
        if wait:
            eventually(self.is_up, f"GET /version answers; {self.tail()}")
        return self

    def is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"sosie ended with {self.process.returncode}: {self.tail()}")
        try:
            return self.get("/version")[0] == 200
        except OSError:
            return False

    def send(self, method, path, body=None, headers=None):
        """Status and body, which is read as JSON where there is one."""
        sent = dict(headers or {})
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        elif method in ("POST", "PUT", "PATCH"):
            body = b""
        status, answered, text = self.call(method, path, body, sent)
        return status, json.loads(text) if text else None, answered


class Receiver:
    """Takes notifications on loopback; use it in a `with`. `status` is what it answers."""

    def __init__(self, port=0, status=200):
        self.came = queue.Queue()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                receiver.came.put((self.headers, json.loads(body)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/notify"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def next(self, patience_s=20):
        """The next notification's body."""
        return self.came.get(timeout=patience_s)[1]


def value_of(notification, attribute):
    return notification["data"][0][attribute]["value"]
