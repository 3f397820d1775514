"""Readings by HTTP: what is right is kept, what is wrong is answered, and nothing else stops."""

import gzip
import json
import re
import time
import unittest

from plain import PUSHED
from sosie import ROOT, Sosie, eventually

GOOD = {"entity": "A", "attribute": "t", "value": 1.5, "time": "2026-11-20T10:00:00Z"}

# What Telegraf 1.x writes with the configuration it comes with; %H is the host.
TELEGRAF = """\
cpu,cpu=cpu0,host=%H usage_user=2.1,usage_system=1.0,usage_idle=96.9 %T
cpu,cpu=cpu1,host=%H usage_user=3.1,usage_system=1.5,usage_idle=95.4 %T
cpu,cpu=cpu-total,host=%H usage_user=2.6,usage_system=1.2,usage_idle=96.2 %T
disk,device=sda1,fstype=ext4,host=%H,mode=rw,path=/ free=1024i,used_percent=41.5 %T
disk,device=sda1,fstype=ext4,host=%H,mode=rw,path=/home free=1024i,used_percent=41.6 %T
diskio,host=%H,name=sda reads=71046i,writes=40423i %T
kernel,host=%H context_switches=39734456i,boot_time=1795100000i %T
mem,host=%H used_percent=31.7,available=11229118464i %T
net,host=%H,interface=eth0 bytes_recv=9912i,bytes_sent=881i %T
processes,host=%H running=1i,total=214i %T
system,host=%H load1=0.12,load5=0.19,n_cpus=2i %T
system,host=%H uptime=68800i %T
system,host=%H uptime_format="19:06" %T
"""
TELEGRAF_SERIES = [(line.split(" ")[0], field.split("=")[0])
                   for line in TELEGRAF.splitlines() for field in line.split(" ")[1].split(",")
                   if '"' not in field]


def telegraf_lines(seconds):
    return "".join(TELEGRAF.replace("%H", host).replace("%T", f"{seconds}000000000")
                   for host in ("lab", "roof"))


class HttpIntake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sosie = Sosie.of_text(PUSHED).start()
        cls.addClassCleanup(cls.sosie.__exit__, None, None, None)

    def test_one_many_lines_and_wrapped(self):
        for body, taken in [
            (GOOD, 1),
            ([GOOD, {**GOOD, "value": 2, "time": 1795168800000}], 2),
            ({"readings": [GOOD]}, 1),
            ('{"entity":"A","attribute":"t","value":3,"time":"2026-11-20T10:00:02Z"}\n'
             '{"entity":"A","attribute":"t","value":4,"time":"2026-11-20T10:00:03Z"}\n', 2),
        ]:
            with self.subTest(body=str(body)[:60]):
                status, answer = self.sosie.post("/api/readings", body)
                self.assertEqual((status, answer["taken"], answer["refused"]), (200, taken, 0))

    def test_bad_input_is_answered_counted_and_kept_for_people(self):
        before = self.sosie.json("/api/quarantine")["total"]
        for name, body, word in [
            ("wrong type", {**GOOD, "value": "warm"}, "value"),
            ("no value", {"entity": "A", "attribute": "t"}, "value"),
            ("NaN", '{"entity":"A","attribute":"t","value":NaN}', "NaN"),
            ("infinity", '{"entity":"A","attribute":"t","value":1e999}', ""),
            ("unreadable time", {**GOOD, "time": "yesterday"}, "time"),
            ("a time in seconds", {**GOOD, "time": 12}, "time"),
            ("cut JSON", '{"entity":"A","attri', ""),
            ("no JSON", "hello", ""),
            ("empty", "", ""),
        ]:
            with self.subTest(name):
                status, answer = self.sosie.post("/api/readings", body)
                self.assertEqual(status, 400, answer)
                self.assertIn(word, str(answer))
        eventually(lambda: self.sosie.json("/api/quarantine")["total"] >= before + 8,
                   "what was refused is in quarantine", 10)

    def test_the_right_ones_of_a_mixed_body_are_kept(self):
        status, answer = self.sosie.post(
            "/api/readings", [{**GOOD, "entity": "Mixed"}, {"entity": "Mixed"}, "x"])
        self.assertEqual((status, answer["taken"], answer["refused"]), (200, 1, 2))
        self.assertEqual([e["index"] for e in answer["errors"]], [1, 2])
        self.assertEqual(self.sosie.query(
            "select count(*) from readings where series='Mixed.t'"), [[1]])

    def test_a_line_of_ten_megabytes_is_refused_and_the_next_call_works(self):
        huge = '{"entity":"A","attribute":"t","value":1,"note":"' + "x" * 10_000_000 + '"}'
        status, answer = self.sosie.post("/api/readings", huge + "\n" + json.dumps(GOOD))
        self.assertEqual((status, answer["taken"], answer["refused"]), (200, 1, 1))
        self.assertIn("line", answer["errors"][0]["error"])
        status, _, _ = self.sosie.call("POST", "/api/readings", "x" * 20_000_000)
        self.assertEqual(status, 413)
        self.assertEqual(self.sosie.post("/api/readings", GOOD)[0], 200)

    def test_duplicates_and_disorder_change_nothing(self):
        rows = [{"entity": "Order", "attribute": "t", "value": v,
                 "time": f"2026-11-20T11:00:{s:02}Z"} for s, v in [(3, 3), (1, 1), (2, 2), (1, 1)]]
        self.assertEqual(self.sosie.post("/api/readings", rows)[1]["taken"], 4)
        self.assertEqual(
            self.sosie.query("select value from readings where series='Order.t' order by t"),
            [[1], [2], [3]])

    def test_how_long_the_start_took_is_known_before_anybody_looks_at_a_page(self):
        took_s = self.sosie.json("/api/system")["start_to_serving_s"]
        self.assertGreater(took_s, 0)
        self.sosie.get("/")
        self.assertEqual(self.sosie.json("/api/system")["start_to_serving_s"], took_s)

    def test_a_reading_from_the_future_is_uncertain_and_from_the_far_future_refused(self):
        soon = {"entity": "Late", "attribute": "t", "value": 1,
                "time": int((time.time() + 600) * 1000)}
        status, _ = self.sosie.post("/api/readings", soon)
        self.assertEqual(status, 200)
        status, answer = self.sosie.post("/api/readings", soon | {"time": "2100-01-01T00:00:00Z"})
        self.assertEqual((status, answer["refused"]), (400, 1))
        self.assertIn("future", answer["description"])
        self.assertEqual(
            self.sosie.query("select quality from readings where series='Late.t'"),
            [["uncertain"]])

    def test_line_protocol_as_telegraf_sends_it(self):
        lines = ("cpu,host=lab usage=12.5,user=3i 1795168800000000000\n"
                 "cpu,host=lab usage=13.5 1795168801000000000\n")
        for path in ("/write?db=telegraf", "/api/v2/write?org=o&bucket=b"):
            status, _, body = self.sosie.call("POST", path, gzip.compress(lines.encode()),
                                              {"Content-Encoding": "gzip"})
            self.assertEqual(status, 204, body)
        status, _, body = self.sosie.call("POST", "/write?db=x", "cpu usage= 1\n")
        self.assertEqual(status, 400)
        self.assertIn("invalid", body)
        self.assertEqual(self.sosie.call("GET", "/ping")[0], 204)

    def test_a_stock_telegraf_into_the_scenario_of_the_manual(self):
        manual = (ROOT / "docs/connect-your-data.md").read_text(encoding="utf-8")
        scenario = next(block for block in re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
                        if 'name = "servers"' in block)
        with Sosie.of_text(scenario) as sosie:
            for path in ("/api/v2/write?org=o&bucket=b", "/write?db=telegraf"):
                for second in range(2):
                    lines = telegraf_lines(1795168800 + second * 10)
                    status, _, body = sosie.call("POST", path, gzip.compress(lines.encode()),
                                                 {"Content-Encoding": "gzip",
                                                  "Content-Type": "text/plain; charset=utf-8"})
                    self.assertEqual(status, 204, body)
            stored = dict(sosie.query("select series, count(*) from readings group by series"))
        for host in ("lab", "roof"):
            for name in (f"cpu.cpu-total.{host}.usage_idle", f"cpu.cpu0.{host}.usage_idle",
                         f"disk.sda1.ext4.{host}.rw./.used_percent",
                         f"disk.sda1.ext4.{host}.rw./home.used_percent",
                         f"diskio.{host}.sda.reads", f"mem.{host}.used_percent",
                         f"net.{host}.eth0.bytes_recv", f"system.{host}.load1"):
                self.assertEqual(stored.get(name), 2, (name, sorted(stored)))
        self.assertEqual(len(stored), 2 * len(TELEGRAF_SERIES))

    def test_other_paths_and_verbs(self):
        self.assertEqual(self.sosie.call("GET", "/api/nothing")[0], 404)
        status, headers, _ = self.sosie.call("DELETE", "/api/plant")
        self.assertEqual(status, 405)
        self.assertIn("GET", headers["Allow"])

    def test_a_strange_host_or_origin_is_turned_away(self):
        status, _, _ = self.sosie.call("GET", "/api/plant", headers={"Host": "evil.example"})
        self.assertIn(status, (403, 421))
        status, _, _ = self.sosie.call("POST", "/api/readings", GOOD,
                                       {"Origin": "http://evil.example"})
        self.assertEqual(status, 403)


if __name__ == "__main__":
    unittest.main()
