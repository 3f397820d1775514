"""A real InfluxDB as deploy/influxdb sets it up, on ports and in a folder of its own, for the tests beside
this file. Needs influxdb (apt)."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from influx import InfluxOne  # noqa: E402
from piece import Piece  # noqa: E402
from sosie import eventually, free_port  # noqa: E402

DEPLOY = ROOT / "deploy/influxdb"
USERS = ("admin", "sosie", "grafana")


class History(Piece):
    """Use it in a `with`: it runs, and users.sh has been run."""

    ask, count, call = InfluxOne.ask, InfluxOne.count, InfluxOne.call
    scheme, authority = "http", None

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-history-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.secrets = self.folder / "secrets"
        subprocess.run([ROOT / "deploy/docker/secrets.sh", self.secrets], check=True, capture_output=True)
        text = (DEPLOY / "influxdb.conf").read_text(encoding="utf-8")
        for was, now in (("127.0.0.1:8086", f"127.0.0.1:{self.port}"),
                         ("127.0.0.1:8089", f"127.0.0.1:{free_port()}"),
                         ("/var/lib/influxdb", f"{self.folder}/data")):
            assert was in text, was
            text = text.replace(was, now)
        (self.folder / "influxdb.conf").write_text(text, encoding="utf-8")

    def password(self, user):
        return (self.secrets / f"influxdb_{user}").read_text(encoding="utf-8").strip()

    def of(self, user):
        return (user, self.password(user))

    def __enter__(self):
        self.log = open(self.folder / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen([shutil.which("influxd"), "-config", self.folder / "influxdb.conf"],
                                        stdout=self.log, stderr=self.log)
        eventually(self.is_up, "InfluxDB is up", 30)
        self.make_users()
        return self

    def is_up(self):
        try:
            return self.call("/ping") == ""
        except OSError:
            return False

    def make_users(self, check=True):
        return subprocess.run([DEPLOY / "users.sh", self.secrets], check=check, capture_output=True,
                              text=True, env={"PATH": "/usr/bin:/bin", "INFLUXDB_URL": self.url})

    def status(self, path, user=None, body=None):
        """Of a request, with curl's own way of a name: user is (name, password)."""
        done = subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
             *(["-u", ":".join(user)] if user else []), *(["--data-binary", body] if body else []),
             self.url + path], check=True, capture_output=True, text=True)
        return int(done.stdout)
