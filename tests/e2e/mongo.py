"""A real FerretDB (MongoDB's protocol, kept in PostgreSQL) for the tests beside this file.

Needs tests/servers.sh install ferretdb, postgresql-15, and pymongo, which is put into a venv of its
own the first time: the venv's packages are added to this process's path.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from sosie import ROOT, eventually, free_port

USER, PASSWORD = "sosie", "s3cret:/@"


def pymongo():
    """The pymongo module, from a venv under build/ that is made when it is not there."""
    venv = ROOT / "build/mongo-venv"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if not (venv / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check",
                        "pymongo==4.10.1"], check=True)
        (venv / "installed").touch()
    packages = str(venv / "lib" / version / "site-packages")
    if packages not in sys.path:
        sys.path.append(packages)
    import pymongo as module
    return module


class Mongo:
    """The two servers, in a folder and on ports of their own; use it in a `with`."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="sosie-mongo-")
        os.chmod(self.folder, 0o755)  # postgres runs as another user
        self.port = free_port()
        self.tls_port = free_port()
        self.authority = Path(self.folder) / "tls/ca.crt"
        self.env = {**os.environ, "SOSIE_SERVERS_DIR": self.folder, "P_MONGO": str(self.port),
                    "P_MONGOS": str(self.tls_port),
                    "P_MONGO_DEBUG": str(free_port()), "P_PG": str(free_port()),
                    "MONGO_USER": USER, "MONGO_PASSWORD": PASSWORD}
        self.client = None

    def servers(self, *args):
        done = subprocess.run([ROOT / "tests/servers.sh", *args], env=self.env, text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"servers.sh {args}: {done.stdout} {done.stderr}")

    def __enter__(self):
        self.servers("install", "ferretdb")
        self.servers("start", "postgres", "ferretdb")
        module = pymongo()
        self.client = module.MongoClient("127.0.0.1", self.port, username=USER, password=PASSWORD,
                                         authSource="admin", serverSelectionTimeoutMS=20000)
        return self

    def __exit__(self, *_):
        self.client.close()
        self.servers("clean", "ferretdb", "postgres")

    def stop(self):
        self.servers("stop", "ferretdb")

    def start(self):
        self.servers("start", "ferretdb")

    def uri(self, user=USER):
        return f"mongodb://{user}@127.0.0.1:{self.port}/?authSource=admin"

    def tls_uri(self):
        return f"mongodb://{USER}@localhost:{self.tls_port}/?authSource=admin&tls=true"

    def documents(self, collection, database="plant"):
        return list(self.client[database][collection].find())

    def wait_for(self, collection, number, database="plant"):
        found = self.client[database][collection]
        eventually(lambda: found.count_documents({}) >= number,
                   f"{number} documents in {collection}, not {found.count_documents({})}")
        return self.documents(collection, database)
