"""The room scenario: a sensor that is an NGSI client, a receiver of alerts, and both ways on."""

import json
import re
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from broker import Broker, Receiver, value_of
from sosie import BINARY, ROOT, Sosie, eventually, free_port, run

SCENARIO = ROOT / "scenarios/room/room.toml"


def quick(port, alert_url):
    """The scenario with a short past, on ports of its own."""
    text = SCENARIO.read_text(encoding="utf-8")
    text = re.sub(r'(?m)^history = [^#\n]*', 'history = "10m"', text)
    text = re.sub(r'(?m)^commissioning = [^#\n]*', 'commissioning = "1h"', text)
    text = re.sub(r'(?m)^fault_rate = [^#\n]*', 'fault_rate = 0', text)
    text = text.replace('period = "7d"', 'period = "1h"').replace("port = 8091", "port = 0")
    text = text.replace("http://127.0.0.1:5050/alert", alert_url)
    return text.replace("127.0.0.1:1026", f"127.0.0.1:{port}").replace("port = 1026",
                                                                       f"port = {port}")


class Room(unittest.TestCase):
    def test_the_scenario_is_right(self):
        run("check", SCENARIO)

    def test_the_whole_of_it(self):
        port = free_port()
        with Receiver() as receiver, Sosie.of_text(quick(port, receiver.url), "--speed",
                                                   "60") as sosie:
            room = eventually(lambda: self.written(sosie), "the sensor has written", 60)
            self.assertEqual(room["type"], "Room")
            self.assertEqual(room["temperature"]["metadata"]["unit"]["value"], "°C")
            sown = sosie.json("/v2/subscriptions")
            self.assertEqual([one["description"] for one in sown], ["temperature above 30"])
            status, _ = sosie.post("/api/simulator/faults",
                                   {"fault": "heater_stuck", "minutes": 600})
            self.assertEqual(status, 201)
            self.assertGreater(value_of(receiver.next(90), "temperature"), 30)
            eventually(lambda: "temperature" in str(sosie.json("/api/alarms")["alarms"]),
                       "an alarm says so too", 60)
            # Again, from its own data: one entity, one subscription, and no reading twice.
            sosie.kill()
            sosie.start()
            eventually(lambda: self.written(sosie), "it goes on", 60)
            self.assertEqual(len(sosie.json("/v2/entities?id=Room1")), 1)
            again = sosie.json("/v2/subscriptions")
            self.assertEqual([one["id"] for one in again], [one["id"] for one in sown])
            self.assertGreater(again[0]["notification"]["timesSent"], 0)
            rows = sosie.query("select count(*), count(distinct t) from readings "
                               "where series = 'Room1.temperature'")
            self.assertEqual(rows[0][0], rows[0][1])

    def test_the_sensor_follows_its_broker_to_another_port(self):
        """It used to send to whoever had the port, which was somebody else."""
        with Receiver() as foreigner, Receiver() as alerts:
            text = quick(foreigner.port, alerts.url)
            with Sosie.of_text(text, "--speed", "60") as sosie:
                eventually(lambda: self.written(sosie), "the sensor has written", 60)
                self.assertIn(f"port {foreigner.port} is taken", sosie.said())
            self.assertTrue(foreigner.came.empty(), "nothing went to the foreigner")

    def test_a_receiver_that_is_away_gets_its_alerts_later(self):
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{held.getsockname()[1]}/alert"
            with Sosie.of_text(quick(free_port(), url), "--speed", "60") as sosie:
                eventually(lambda: self.written(sosie), "the sensor has written", 60)
                sosie.post("/api/simulator/faults", {"fault": "heater_stuck", "minutes": 600})
                eventually(lambda: sosie.json("/api/alarms")["alarms"], "it is hot", 120)
                port = held.getsockname()[1]
                held.close()
                with Receiver(port=port) as receiver:
                    self.assertGreater(value_of(receiver.next(), "temperature"), 30)

    def test_the_past_that_is_made_up_is_no_news(self):
        """At the first start the receiver was told of every warm reading of yesterday's."""
        text = re.sub(r'(?m)^history = .*', 'history = "4h"', quick(free_port(), "URL"))
        text = text.replace("[source.plant]", """[[source.fault]]
name = "heater_stuck"
ago = "210m"
lasts = "90m"

[source.plant]""", 1)
        with Receiver() as receiver:
            with Sosie.of_text(text.replace("URL", receiver.url)) as sosie:
                eventually(lambda: self.written(sosie), "the sensor has written", 60)
                warm = sosie.query("select count(*) from readings where value > 30 and "
                                   "series = 'Room1.temperature'")[0][0]
                self.assertGreater(warm, 100)
            self.assertTrue(receiver.came.empty())

    def test_a_subscription_that_cannot_be_is_said(self):
        text = SCENARIO.read_text(encoding="utf-8")
        line = text[:text.index("[[subscription]]")].count("\n") + 1
        for old, new, words in (
                ('expression = "temperature>30"', 'expresion = "temperature>30"', "expression"),
                ('expression = "temperature>30"', 'expression = "temperature>>"',
                 "refused by the broker: 400"),
                ('notify = "http://127.0.0.1:5050/alert"', 'notify = "5050"', "'notify'"),
                ('id = "Room1"', 'id = "Room<1>"', "refused by the broker: 400")):
            with self.subTest(new), tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "room.toml"
                file.write_text(text.replace(old, new), encoding="utf-8")
                done = run("check", file, check=False)
                self.assertNotEqual(done.returncode, 0)
                said = done.stdout + done.stderr
                self.assertIn(words, said)
                at = int(re.search(r"room\.toml:(\d+):", said).group(1))
                self.assertLess(abs(at - line), 12, said)

    def written(self, sosie):
        """The entity, once an NGSI client has written to it (the past carries no metadata)."""
        status, _, text = sosie.call("GET", "/v2/entities/Room1")
        room = json.loads(text) if status == 200 else {}
        return room if "TimeInstant" in str(room.get("temperature")) else None


class Sensor(unittest.TestCase):
    """`sosie simulate --to ngsi+http://…`, a process of its own."""

    def simulate(self, port, *args):
        return subprocess.run(
            [BINARY, "simulate", SCENARIO, "--to", f"ngsi+http://127.0.0.1:{port}/attic?type=Room",
             "--speed", "max", "--start", "2026-05-05", "--fault-rate", "0", *args],
            capture_output=True, text=True, cwd=ROOT, timeout=120)

    def test_every_reading_arrives_and_is_counted(self):
        with Broker() as broker:
            done = self.simulate(broker.port, "--duration", "30m")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("180 steps, 540 readings sent and received", done.stderr)
            path = {"Fiware-ServicePath": "/attic"}
            status, room, _ = broker.send("GET", "/v2/entities/Room1", headers=path)
            self.assertEqual((status, room["type"]), (200, "Room"))
            self.assertEqual(room["temperature"]["metadata"]["unit"]["value"], "°C")
            self.assertIn("2026-05-05T00:30:00",
                          room["temperature"]["metadata"]["TimeInstant"]["value"])
            rows = run("query", "select count(*) from readings", "--scenario", broker.scenario,
                       "--data", broker.folder / "var", "--json").stdout
            self.assertIn("540", rows)

    def test_a_broker_that_comes_later_and_one_that_says_no(self):
        broker = Broker()
        broker.port = free_port()
        sensor = subprocess.Popen(
            [BINARY, "simulate", SCENARIO, "--to", f"ngsi+http://127.0.0.1:{broker.port}",
             "--speed", "max", "--start", "2026-05-05", "--duration", "5m"],
            stderr=subprocess.PIPE, text=True, cwd=ROOT)
        with broker:
            _, said = sensor.communicate(timeout=60)
        self.assertEqual(sensor.returncode, 0, said)
        self.assertIn("30 steps", said)
        with Broker() as broker:
            broker.send("POST", "/v2/entities", {"id": "Room1", "type": "Room"},
                        {"Fiware-ServicePath": "/attic"})
            broker.send("POST", "/v2/entities", {"id": "Room1", "type": "House"},
                        {"Fiware-ServicePath": "/attic"})
            done = subprocess.run(
                [BINARY, "simulate", SCENARIO, "--to", f"ngsi+http://127.0.0.1:{broker.port}/attic",
                 "--speed", "max", "--duration", "1m"], capture_output=True, text=True, cwd=ROOT,
                timeout=60)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("the broker answered 409", done.stderr)


POLLING = """
name = "puller"
asset = "puller"
[frame]
period = "1s"
[learn]
period = "10s"
[intake]
unknown = "declare"
[[source]]
kind = "ngsi"
broker = "ngsi+http://127.0.0.1:{port}/attic?type=Room"
attrs = ["temperature"]
interval = "200ms"
page = 2
"""


class OtherBrokers(unittest.TestCase):
    """Readings out of a broker that is not this program's own."""

    def test_pulled(self):
        path = {"Fiware-ServicePath": "/attic"}
        with Broker() as broker, Sosie.of_text(POLLING.format(port=broker.port)) as sosie:
            for i in range(5):
                broker.send("POST", "/v2/entities",
                            {"id": f"R{i}", "type": "Room", "temperature": {"value": 20 + i},
                             "name": {"value": "x"}}, path)

            def values():
                return dict(sosie.query("select series, value from readings"))
            wanted = {f"R{i}.temperature": 20 + i for i in range(5)}
            eventually(lambda: values() == wanted, "all pages, one reading each", 30)
            broker.send("PATCH", "/v2/entities/R3/attrs", {"temperature": {"value": 31.5}}, path)
            eventually(lambda: sosie.query("select value from readings where series = "
                                           "'R3.temperature' order by t")[-1][0] == 31.5,
                       "a change", 30)
            count = "select count(*) from readings"
            self.assertEqual(sosie.query(count)[0][0], 6)
            sosie.kill()
            broker.stop()
            sosie.start()
            eventually(lambda: "asking on, more slowly" in sosie.said(), "it says so", 30)

            def source():
                return sosie.json("/api/system")["sources"][0]
            self.assertEqual(source()["state"], "waiting")
            self.assertIn("refused", source()["error"])
            broker.start()
            broker.send("PATCH", "/v2/entities/R3/attrs", {"temperature": {"value": 29}}, path)
            eventually(lambda: sosie.query(count)[0][0] == 7, "nothing twice, the new one", 60)
            self.assertEqual((source()["state"], source()["error"]), ("running", ""))

    def test_pushed(self):
        with Broker() as broker, Sosie.of_text(POLLING.split("[[source]]")[0]) as sosie:
            broker.send("POST", "/v2/entities", {"id": "R1", "type": "Room"})
            status, _, _ = broker.send("POST", "/v2/subscriptions", {
                "subject": {"entities": [{"idPattern": ".*"}]},
                "notification": {"http": {"url": f"http://127.0.0.1:{sosie.port}/ngsi/notify"}}})
            self.assertEqual(status, 201)
            for value in (20.5, 21.5, 22.5):
                broker.send("POST", "/v2/entities/R1/attrs", {"temperature": {"value": value}})
            eventually(lambda: [row[0] for row in sosie.query(
                "select value from readings order by t")] == [20.5, 21.5, 22.5],
                "each in order", 30)


if __name__ == "__main__":
    unittest.main()
