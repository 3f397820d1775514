"""Starts a real `sosie broker`, and a receiver of notifications. Standard library only."""

import http.client
import http.server
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from sosie import BINARY, PATIENCE_S, eventually, free_port  # noqa: E402

OPTIONS = {
    "multiservice": ["-multiservice"],
    "cors": ["-corsOrigin", "__ALL"],
    "disableCustomNotifications": ["-disableCustomNotifications"],
}


class Broker:
    """A running broker with a folder of its own; use it in a `with`."""

    def __init__(self, options=()):
        self.options = [word for option in options for word in OPTIONS[option]]
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-ngsi-"))
        self.port = free_port()
        self.process = None

    def __enter__(self):
        self.log = open(self.folder / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [BINARY, "broker", "--port", str(self.port), "--data", self.folder / "var",
             *self.options], stdout=self.log, stderr=self.log)
        eventually(self.is_ready, "the broker answers GET /version", PATIENCE_S)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the broker ended: {(self.folder / 'log').read_text()}")
        try:
            return self.ask("GET", "/version", [], b"")[0] == 200
        except OSError:
            return False

    def ask(self, method, target, headers, body):
        """One exchange, with exactly these headers: status, headers, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()


class Receiver:
    """An HTTP server that keeps what it is sent, in order; use it in a `with`."""

    def __init__(self):
        got = self.got = queue.Queue()
        self.pending = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do(self):
                length = int(self.headers.get("Content-Length", 0))
                got.put((self.command, self.path, self.headers, self.rfile.read(length).decode()))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def take(self, is_it, patience_s=20):
        """The first one that `is_it(method, path)`, waited for: only the notifications of one
        subscription come in order. None: it did not come."""
        end = time.monotonic() + patience_s
        while True:
            while not self.got.empty():
                self.pending.append(self.got.get())
            for i, message in enumerate(self.pending):
                if is_it(message[0], message[1]):
                    return self.pending.pop(i)
            if time.monotonic() > end:
                return None
            time.sleep(0.02)

    def is_empty(self):
        return self.got.empty() and not self.pending
