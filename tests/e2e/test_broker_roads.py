"""Numbers that come by NGSI are readings like any other, and readings become entities."""

import time
import unittest

from broker import Broker, Receiver, value_of
from sosie import Sosie, eventually

WATCHED = """
name = "watched"
asset = "watched"
[frame]
period = "1s"
[learn]
period = "1s"
[intake]
unknown = "declare"
[[detector]]
kind = "limits"
[[detector.rule]]
on = ["Tank*"]
high = 30
on_delay = "0s"
priority = "high"
[[alarm]]
symptoms = ["limit"]
priority = "high"
"""


class Watched(unittest.TestCase):
    def ngsi(self, sosie, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        status, _, text = sosie.call(method, path, body, headers)
        self.assertEqual(status // 100, 2, text)
        return text

    def test_an_update_raises_an_alarm(self):
        with Sosie.of_text(WATCHED) as sosie:
            tank = {"id": "Tank1", "type": "Tank", "level": {"value": 20}}
            self.ngsi(sosie, "POST", "/v2/entities", tank)

            def feed(value):
                def step():
                    self.ngsi(sosie, "PATCH", "/v2/entities/Tank1/attrs",
                              {"level": {"value": value}})
                    if value > 30:
                        return sosie.json("/api/alarms")["alarms"]
                    return sosie.json("/api/ai")["trained"]
                return step

            eventually(feed(20), "it has learned", 30)
            alarms = eventually(feed(55), "there is an alarm", 30)
            self.assertIn("Tank1", str(alarms))
            newest = sosie.query("select value from readings where series = 'Tank1.level' "
                                 "order by t desc limit 1")
            self.assertEqual(newest[0][0], 55)

    def test_a_value_of_the_far_future_is_an_attribute_but_no_reading(self):
        with Sosie.of_text(WATCHED) as sosie:
            def level(value, instant):
                return {"level": {"value": value, "metadata": {"TimeInstant": {
                    "type": "DateTime", "value": instant}}}}

            self.ngsi(sosie, "POST", "/v2/entities",
                      {"id": "Tank3", "type": "Tank", **level(1, "2020-01-01T00:00:00Z")})
            self.ngsi(sosie, "PATCH", "/v2/entities/Tank3/attrs",
                      level(2, "2099-01-01T00:00:00Z"))
            self.assertIn('"level":2', self.ngsi(
                sosie, "GET", "/v2/entities/Tank3?options=keyValues"))
            kept = eventually(lambda: sosie.json("/api/quarantine")["rows"], "it is in quarantine")
            self.assertEqual(kept[0]["source"], "ngsi")
            self.assertIn("future", kept[0]["reason"])
            self.assertEqual(
                sosie.query("select value from readings where series = 'Tank3.level'"), [[1]])

    def test_a_reading_becomes_an_entity_and_triggers_its_subscription(self):
        with Sosie.of_text(WATCHED) as sosie, Receiver() as receiver:
            self.ngsi(sosie, "POST", "/v2/entities", {"id": "Tank2", "type": "Tank"})
            self.ngsi(sosie, "POST", "/v2/subscriptions", {
                "subject": {"entities": [{"idPattern": "Tank.*"}],
                            "condition": {"attrs": ["level"]}},
                "notification": {"http": {"url": receiver.url}, "attrs": ["level"]}})
            now = int(time.time() * 1000)
            status, _ = sosie.post("/api/readings", [
                {"entity": "Tank2", "attribute": "level", "value": 12.5, "time": now}])
            self.assertEqual(status, 200)
            self.assertEqual(value_of(receiver.next(), "level"), 12.5)
            tank = eventually(lambda: self.ngsi(
                sosie, "GET", "/v2/entities/Tank2?options=keyValues"), "it is there")
            self.assertIn('"type":"Tank"', tank)
            self.assertIn('"level":12.5', tank)


class History(unittest.TestCase):
    def test_every_value_of_an_attribute(self):
        with Broker("-multiservice") as broker:
            begin = 1795392000  # 2026-11-23T00:00:00Z

            def at(second):
                return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(begin + second))

            tenant = {"Fiware-Service": "t1", "Fiware-ServicePath": "/roof"}
            room = {"id": "Room1", "type": "Room", "name": {"value": "attic"},
                    "t": {"value": 0, "metadata": {"TimeInstant": {"type": "DateTime",
                                                                   "value": at(0)}}}}
            self.assertEqual(broker.send("POST", "/v2/entities", room, tenant)[0], 201)
            for minute in range(1, 120):
                room["t"]["value"] = minute
                room["t"]["metadata"]["TimeInstant"]["value"] = at(60 * minute)
                status, _, _ = broker.send("PATCH", "/v2/entities/Room1/attrs", {"t": room["t"]},
                                           tenant)
                self.assertEqual(status, 204)
            past = "/v2/entities/Room1/attrs/t/history?from=2026-11-23&to=2026-11-24"

            def ask(more="", headers=None):
                return broker.send("GET", past + more, None, headers or tenant)

            status, answer, _ = ask()
            self.assertEqual(status, 200)
            self.assertEqual([v["value"] for v in answer["values"]], list(range(120)))
            self.assertEqual((answer["type"], answer["values"][1]["time"]),
                             ("Room", "2026-11-23T00:01:00Z"))
            _, answer, _ = ask("&limit=50")
            self.assertEqual((len(answer["values"]), answer["next"]), (50, "2026-11-23T00:50:00Z"))
            _, answer, _ = ask("&aggr=mean,max,count&every=1h")
            self.assertEqual(answer["values"], [
                {"time": "2026-11-23T00:00:00Z", "mean": 29.5, "max": 59, "count": 60},
                {"time": "2026-11-23T01:00:00Z", "mean": 89.5, "max": 119, "count": 60}])
            _, answer, _ = ask("&aggr=sum&every=90s")
            self.assertEqual([v["sum"] for v in answer["values"]][:3], [1, 2, 7])
            for more, word in (("&aggr=median", "median"), ("&every=soon", "soon"),
                               ("&limit=0", "limit")):
                with self.subTest(more):
                    status, answer, _ = ask(more)
                    self.assertEqual((status, answer["error"]), (400, "BadRequest"))
                    self.assertIn(word, answer["description"])
            status, answer, _ = broker.send(
                "GET", "/v2/entities/Room1/attrs/t/history?from=2026-11-25&to=2026-11-24", None, tenant)
            self.assertEqual((status, answer["description"]), (400, "&#39;from&#39; is after &#39;to&#39;"))
            for path in ("/v2/entities/Room1/attrs/nothing/history",
                         "/v2/entities/Room9/attrs/t/history"):
                status, answer, _ = broker.send("GET", path, None, tenant)
                self.assertEqual((status, answer["error"]), (404, "NotFound"))
            # Another tenant has nothing of it.
            self.assertEqual(ask(headers={"Fiware-Service": "t2"})[0], 404)

    def test_values_that_are_no_numbers(self):
        with Broker() as broker:
            broker.send("POST", "/v2/entities", {"id": "E", "type": "T", "s": {"value": "one"}})
            for value in ("two", {"a": [1]}, "four"):
                status, _, _ = broker.send("PUT", "/v2/entities/E/attrs/s", {"value": value})
                self.assertEqual(status, 204)
            past = "/v2/entities/E/attrs/s/history"
            status, answer, _ = broker.send("GET", past)
            self.assertEqual(status, 200)
            self.assertEqual([v["value"] for v in answer["values"]], ["one", "two", {"a": [1]}, "four"])
            _, answer, _ = broker.send("GET", past + "?limit=2")
            self.assertEqual([v["value"] for v in answer["values"]], ["one", "two"])
            _, answer, _ = broker.send("GET", past + "?from=" + answer["next"])
            self.assertEqual([v["value"] for v in answer["values"]], [{"a": [1]}, "four"])
            status, answer, _ = broker.send("GET", past + "?aggr=mean")
            self.assertEqual((status, answer["description"]), (400, "aggr: the attribute is no number"))


class Past(unittest.TestCase):
    def test_an_entity_as_it_was(self):
        """At many instants, also in the next life; numbers come from their series."""
        headers = {"Fiware-Service": "t1"}
        view = "?type=Room&attrs=*,dateCreated"
        with Broker("-multiservice") as broker:
            seen = []

            def now():
                us = time.time_ns() // 1000
                return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(us // 10**6)) + (
                    f".{us % 10**6:06}Z")

            def step(method, path, body=None):
                status, answer, _ = broker.send(method, path, body, headers)
                self.assertEqual(status // 100, 2, answer)
                time.sleep(0.002)
                status, entity, _ = broker.send("GET", "/v2/entities/Room1" + view, None, headers)
                seen.append((now(), status, entity))
                time.sleep(0.002)

            for life in range(2):
                step("POST", "/v2/entities", {"id": "Room1", "type": "Room", "t": {"value": life},
                                              "name": {"value": "attic"}})
                for n in range(20):
                    step("PATCH", "/v2/entities/Room1/attrs", {"t": {"value": n + life / 2}})
                step("POST", "/v2/entities/Room1/attrs", {"open": {"value": True}})
                step("PUT", "/v2/entities/Room1/attrs/name", {"value": f"roof {life}"})
                step("DELETE", "/v2/entities/Room1/attrs/open")
                step("PATCH", "/v2/entities/Room1/attrs", {"t": {"value": "hot"}})
                step("DELETE", "/v2/entities/Room1")

            def check():
                for at, status, entity in seen:
                    with self.subTest(at):
                        found, body, _ = broker.send(
                            "GET", f"/v2/entities/Room1{view}&at={at}", None, headers)
                        self.assertEqual((found, body), (status, entity))

            check()
            broker.stop()
            broker.start()
            check()
            for at, status in (("2020-01-01", 404), ("2999-01-01", 400), ("then", 400)):
                path = f"/v2/entities/Room1?at={at}"
                self.assertEqual(broker.send("GET", path, None, headers)[0], status)



if __name__ == "__main__":
    unittest.main()
