"""A real `sosie alerts`, and a real mail server, for test_alerts.py."""

import email
import email.policy
import json
import queue
import subprocess
import sys
import threading
import venv

from broker import Receiver  # noqa: F401: whoever uses this needs it too
from sosie import BINARY, ROOT, Sosie, eventually, free_port

HERE = ROOT / "tests/e2e"
VENV = ROOT / "build/mail-venv"


class Alerts(Sosie):
    """The receiver alone; use it in a `with`. `lines` are those it printed, as JSON."""

    def __init__(self, toml=None, *args, **kwargs):
        super().__init__(ROOT / "scenarios/alerts/alerts.toml", *args, **kwargs)
        if toml is not None:
            self.scenario = self.folder / "alerts.toml"
            self.scenario.write_text('name = "alerts"\n[alerts]\n' + toml, encoding="utf-8")
            self.args = ("--config", self.scenario, *self.args)

    def start(self, wait=True):
        self.port = self.port or free_port()
        self.log = open(self.folder / "sosie.log", "a", encoding="utf-8")
        self.printed = self.folder / "alerts.jsonl"
        with open(self.printed, "a", encoding="utf-8") as out:
            self.process = subprocess.Popen(
                [BINARY, "alerts", "--listen", f"127.0.0.1:{self.port}", "--json", "--data",
                 self.folder / "var", *self.args], stdout=out, stderr=self.log, cwd=ROOT,
                env=self.env)
        if wait:
            eventually(self.is_up, f"the receiver answers; {self.tail()}")
        return self

    @property
    def lines(self):
        return [json.loads(line) for line in self.printed.read_text(encoding="utf-8").splitlines()]

    @property
    def alerts(self):
        return self.json("/api/alerts")["alerts"]

    def url(self, path="/alert"):
        return f"http://127.0.0.1:{self.port}{path}"


def _python_with_aiosmtpd():
    """A venv made once; needs the network (or pip's cache) then."""
    python = VENV / "bin/python"
    wanted = (HERE / "requirements.txt").read_text(encoding="utf-8")
    mark = VENV / "installed.txt"
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
        venv.create(VENV, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        "-r", HERE / "requirements.txt"], check=True)
        mark.write_text(wanted, encoding="utf-8")
    return python


def certificate(folder):
    """A certificate for 127.0.0.1 that is its own authority; its file and its key's."""
    cert, key = folder / "mail.pem", folder / "mail.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


class MailServer:
    """Takes mail after STARTTLS and AUTH only; use it in a `with`."""

    def __init__(self, folder, port, user, password):
        self.cert, key = certificate(folder)
        self.command = [_python_with_aiosmtpd(), HERE / "mail_server.py", str(port), self.cert, key,
                        user, password]
        self.came = queue.Queue()

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=sys.stderr,
                                        text=True)
        if self.process.stdout.readline() != "ready\n":
            raise AssertionError("the mail server did not start")
        self.thread = threading.Thread(target=self._read)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.process.stdout.close()

    def _read(self):
        for line in self.process.stdout:
            self.came.put(json.loads(line))

    def next(self, patience_s=60):
        """The next mail: what the envelope said, and the message."""
        got = self.came.get(timeout=patience_s)
        return got, email.message_from_string(got["mail"], policy=email.policy.default)
