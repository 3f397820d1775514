"""A real FerretDB (MongoDB's protocol, kept in PostgreSQL) for the tests beside this file.

Needs tests/servers.sh install ferretdb, and postgresql-15.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from packages import module_from
from sosie import ROOT, eventually, free_port

USER, PASSWORD = "sosie", "s3cret:/@"


def pymongo():
    return module_from("mongo-venv", "pymongo==4.10.1", "pymongo")


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
