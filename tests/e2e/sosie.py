"""Starts and talks to a real Sosie, for the tests beside this file. Standard library only."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("SOSIE", ROOT / "build/release/sosie"))
LEAKS = ROOT / "tests/e2e/leaks.supp"  # of a sanitized program: what is not ours
PATIENCE_S = float(os.environ.get("SOSIE_PATIENCE_S", "120"))


def free_port():
    """Below those the system gives to clients: so it stays free while a server is restarted."""
    while True:
        port = random.SystemRandom().randrange(12_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def run(*args, check=True, **kwargs):
    """One call of the command line; its output as text."""
    done = subprocess.run([BINARY, *map(str, args)], capture_output=True, text=True, cwd=ROOT,
                          timeout=PATIENCE_S, **kwargs)
    if check and done.returncode != 0:
        raise AssertionError(f"sosie {args} ended with {done.returncode}: {done.stderr}")
    return done


def eventually(condition, what, patience_s=None):
    """Asks until `condition` gives something true, and gives that. One that finds things not yet as
    it expects them is asked again."""
    end = time.monotonic() + (patience_s or PATIENCE_S)
    reason = None
    while time.monotonic() < end:
        try:
            result = condition()
            if result:
                return result
        except (AssertionError, LookupError) as error:
            reason = error
        time.sleep(0.05)
    raise AssertionError(f"not within {patience_s or PATIENCE_S} s: {what}") from reason


class Sosie:
    """A running Sosie with a folder of its own; use it in a `with`."""

    def __init__(self, scenario, *args, folder=None, env=None, preexec_fn=None):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="sosie-e2e-"))
        self.own_folder = folder is None
        self.scenario = scenario
        self.args = args
        self.env = {**os.environ, "LSAN_OPTIONS": f"suppressions={LEAKS}", **(env or {})}
        self.preexec_fn = preexec_fn  # what the child does before it becomes Sosie
        self.process = None
        self.port = None

    @classmethod
    def of_text(cls, toml, *args, **kwargs):
        """A scenario written for one test."""
        folder = Path(tempfile.mkdtemp(prefix="sosie-e2e-"))
        (folder / "scenario.toml").write_text(toml, encoding="utf-8")
        made = cls(folder / "scenario.toml", *args, folder=folder, **kwargs)
        made.own_folder = True
        return made

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, wait=True):
        self.port = free_port()
        self.log = open(self.folder / "sosie.log", "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [BINARY, "run", self.scenario, "--data", self.folder / "var", "--port", str(self.port),
             *self.args], stdout=self.log, stderr=self.log, cwd=ROOT, env=self.env,
            preexec_fn=self.preexec_fn)
        if wait:
            eventually(self.is_up, f"the pages are served; {self.tail()}")
        return self

    def is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"sosie ended with {self.process.returncode}: {self.tail()}")
        try:
            return self.get("/health")[0] in (200, 503)
        except OSError:
            return False

    def said(self):
        """All that it wrote, of every start."""
        return (self.folder / "sosie.log").read_text(encoding="utf-8")

    def tail(self):
        return self.said()[-2000:]

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            code = self.process.wait(timeout=PATIENCE_S)
            if code != 0:
                raise AssertionError(f"sosie ended with {code}: {self.tail()}")
        self.log.close()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def call(self, method, path, body=None, headers=None):
        """Status, headers, body as text. `body`: bytes, text, or something to be written as JSON."""
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        data = body.encode() if isinstance(body, str) else body
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def get(self, path):
        status, _, body = self.call("GET", path)
        return status, body

    def json(self, path):
        status, body = self.get(path)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {body}")
        return json.loads(body)

    def post(self, path, body, headers=None):
        status, _, text = self.call("POST", path, body, headers)
        return status, json.loads(text) if text else None

    def query(self, sql):
        """Rows of a query over the stored data, beside the running program."""
        done = run("query", sql, "--scenario", self.scenario, "--data", self.folder / "var",
                   "--json", "--limit", "10000000")
        return json.loads(done.stdout)["rows"]
