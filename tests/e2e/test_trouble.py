"""A full disk and a locked database, as those who send readings see them: nothing that was
acknowledged is lost, everybody is told, and it goes on by itself."""

import json
import os
import resource
import signal
import sqlite3
import tempfile
import unittest
from pathlib import Path

from plain import PUSHED
from sosie import Sosie, eventually

T0 = 1795168800000
LIMIT_BYTES = 1_500_000


def rows(number, count=50):
    """Batch `number`; numbers that do not compress."""
    return [{"entity": "T", "attribute": "n", "value": (number * count + i) ** 0.5,
             "time": T0 + (number * count + i) * 1000} for i in range(count)]


class Trouble(unittest.TestCase):
    def check_is_told(self, sosie, word):
        """The health, the metrics and the page of the system say it."""
        status, body = sosie.get("/health")
        self.assertEqual(status, 503)
        self.assertIn(word, json.loads(body)["status"])
        self.assertIn("sosie_healthy 0", sosie.get("/metrics")[1])
        self.assertIn(word, sosie.json("/api/system")["store"]["error"])

    def check_is_refused(self, sosie, number, expected, word):
        """Of both ways in."""
        for path, body in [("/api/readings", rows(number)),
                           ("/api/v2/write?precision=ms", f"T n=1 {T0}")]:
            status, headers, text = sosie.call("POST", path, body)
            self.assertEqual(status, expected, text)
            self.assertIn(word, text)
            self.assertIn("application/json", headers["Content-Type"])
            self.assertGreaterEqual(int(headers["Retry-After"]), 1)
            json.loads(text)

    def check_recovers(self, sosie, acknowledged):
        def goes():
            status, _ = sosie.post("/api/readings", rows(acknowledged))
            return status == 200
        eventually(goes, f"readings are taken again; {sosie.tail()}", 30)
        eventually(lambda: sosie.get("/health")[0] == 200, "it is well again", 10)
        self.assertEqual(sosie.json("/api/system")["store"]["error"], "")
        stored = {row[0] for row in sosie.query("select value from readings where series='T.n'")}
        told = {row["value"] for number in range(acknowledged + 1) for row in rows(number)}
        self.assertEqual(told - stored, set())

    def test_a_full_disk(self):
        with Sosie.of_text(PUSHED, preexec_fn=lambda: signal.signal(signal.SIGXFSZ,
                                                                    signal.SIG_IGN)) as sosie:
            pid = sosie.process.pid
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (LIMIT_BYTES, resource.RLIM_INFINITY))
            acknowledged = 0
            while True:
                status, answer = sosie.post("/api/readings", rows(acknowledged))
                if status != 200:
                    break
                acknowledged += 1
                self.assertLess(acknowledged, 20_000, "the limit has no effect")
            self.assertGreater(acknowledged, 10)
            self.assertEqual(status, 507, answer)
            self.assertIn("full", answer["description"])
            self.check_is_refused(sosie, acknowledged, 507, "full")
            self.check_is_told(sosie, "full")
            self.assertEqual(sosie.get("/api/plant")[0], 200)  # the rest goes on
            resource.prlimit(pid, resource.RLIMIT_FSIZE,
                             (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            self.check_recovers(sosie, acknowledged)

    def test_a_locked_database(self):
        with Sosie.of_text(PUSHED) as sosie:
            self.assertEqual(sosie.post("/api/readings", rows(0))[0], 200)
            other = sqlite3.connect(sosie.folder / "var/pushed/sosie.db", isolation_level=None)
            other.execute("BEGIN EXCLUSIVE")
            status, answer = sosie.post("/api/readings", rows(1))
            self.assertEqual(status, 503, answer)
            self.assertIn("locked", answer["description"])
            self.check_is_refused(sosie, 1, 503, "locked")
            self.check_is_told(sosie, "locked")
            other.execute("ROLLBACK")
            other.close()
            self.check_recovers(sosie, 1)

    @unittest.skipUnless(os.geteuid() == 0, "only root can mount a small file system")
    def test_a_file_system_that_is_full(self):
        folder = Path(tempfile.mkdtemp(prefix="sosie-small-"))
        if os.system(f"mount -t tmpfs -o size=4m none {folder} 2>/dev/null") != 0:
            folder.rmdir()
            self.skipTest("no file system can be mounted here")
        try:
            (folder / "scenario.toml").write_text(PUSHED, encoding="utf-8")
            with Sosie(folder / "scenario.toml", folder=folder) as sosie:
                self.assertEqual(sosie.post("/api/readings", rows(0))[0], 200)
                ballast = folder / "ballast"
                with open(ballast, "wb", buffering=0) as file:
                    try:
                        while file.write(b"x" * 4096):
                            pass
                    except OSError:
                        pass
                acknowledged = 1
                while True:
                    status, answer = sosie.post("/api/readings", rows(acknowledged))
                    if status != 200:
                        break
                    acknowledged += 1
                    self.assertLess(acknowledged, 20_000, "the disk never fills")
                self.assertEqual(status, 507, answer)
                self.check_is_told(sosie, "full")
                ballast.unlink()
                self.check_recovers(sosie, acknowledged)
        finally:
            os.system(f"umount {folder}")
            folder.rmdir()


if __name__ == "__main__":
    unittest.main()
