"""Readings by HTTP: what is right is kept, what is wrong is answered, and nothing else stops."""

import gzip
import json
import unittest

from plain import PUSHED
from sosie import Sosie, eventually

GOOD = {"entity": "A", "attribute": "t", "value": 1.5, "time": "2026-11-20T10:00:00Z"}


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
            ("NaN", '{"entity":"A","attribute":"t","value":NaN}', ""),
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

    def test_a_reading_from_the_future_is_uncertain(self):
        status, _ = self.sosie.post(
            "/api/readings", {"entity": "Late", "attribute": "t", "value": 1,
                              "time": "2100-01-01T00:00:00Z"})
        self.assertEqual(status, 200)
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
