"""The city: its messages, and through a real Mosquitto set up as deploy/mosquitto has it."""

import json
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import jsonschema
from city_broker import CityBroker
from smart_data_models import SCHEMAS, entity_of, values_of
from sosie import BINARY, ROOT, Sosie, eventually, run

SCENARIO = ROOT / "scenarios/toulouse/toulouse.toml"
# What was sent: not what operators make of it.
RAW = ("series not like 'districts:%' and series not like '%_15m_%' and series not like '%_1h_%'")
KIND_OF = {"NoiseLevelObserved": "noise", "AirQualityObserved": "air", "WeatherObserved": "weather",
           "OffStreetParking": "garage", "ParkingSpot": "spot", "BikeHireDockingStation": "bikes",
           "TrafficFlowObserved": "traffic", "WasteContainer": "bin"}


def kind_of(message):
    return "heat" if isinstance(message, list) else KIND_OF[message["type"]]


def simulate(*args, **kwargs):
    return run("simulate", SCENARIO, *args, **kwargs)


def messages_of(*args):
    """What the objects say, as they would say it to a broker."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "city.jsonl"
        simulate("--to", f"file:{file}", *args)
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def wait_for_what_was_retained(sosie):
    """Objects of earlier senders are told, and that they are gone: until no more of that comes."""
    before = None
    while (now := sosie.query("select count(*) from readings")) != before:
        before = now
        time.sleep(1)


def is_listening(sosie):
    return "listening to" in sosie.said()


def listening(broker, user="sosie", url=None, **env):
    """A Sosie that reads the broker."""
    return Sosie(SCENARIO, env={**broker.environment(user), "SOSIE_MQTT": url or broker.url(user),
                                **env})


class Messages(unittest.TestCase):
    def test_they_are_smart_data_models_and_senml(self):
        check = {kind: jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
            for kind, schema in SCHEMAS.items()}
        seen = {kind: 0 for kind in SCHEMAS}
        for message in messages_of("--devices", "200", "--rate", "max", "--count", "4000",
                                   "--start", "2026-06-10T06:00:00Z", "--fault-rate", "0.1"):
            kind = kind_of(message)
            check[kind].validate(message)
            self.assertTrue(entity_of(message).startswith(kind + "-"), message)
            seen[kind] += 1
        self.assertTrue(all(seen.values()), seen)

    def test_the_same_seed_says_the_same(self):
        args = ("--devices", "50", "--rate", "max", "--count", "500", "--start",
                "2026-06-10T06:00:00Z", "--seed", "5")
        self.assertEqual(messages_of(*args), messages_of(*args))

    def test_the_city_lives_within_seconds_and_without_any_server(self):
        began = time.monotonic()
        with Sosie(SCENARIO) as sosie:
            eventually(lambda: sosie.query(
                "select count(distinct series) from readings where series like 'noise-%.laeq'")
                == [[45]], "all 45 sound level meters have spoken", 30)
            self.assertLess(time.monotonic() - began, 30)
            mean = sosie.query("select avg(value) from readings where series like 'noise-%.laeq'")
            self.assertTrue(35 < mean[0][0] < 85, mean)


class Broker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = CityBroker().start()
        cls.addClassCleanup(cls.broker.__exit__)

    def feed(self, *args, broker=None):
        broker = broker or self.broker
        return simulate("--to", f"mqtt://127.0.0.1:{broker.port}", *args,
                        env=broker.environment("city"))

    def test_what_the_city_says_sosie_has_to_the_last_value(self):
        args = ("--devices", "300", "--rate", "max", "--count", "6000", "--start",
                "2026-06-10T06:00:00Z", "--seed", "7", "--fault-rate", "0")
        expected = {}
        count = 0
        for message in messages_of(*args):
            kind = kind_of(message)
            for attribute, value in values_of(kind, message).items():
                expected[f"{entity_of(message)}.{attribute}"] = value
                count += 1
        with listening(self.broker) as sosie:
            eventually(lambda: is_listening(sosie), "it listens", 30)
            self.feed(*args)
            eventually(lambda: sosie.query(
                f"select count(*) from readings where {RAW} and time < '2026-06-11'") == [[count]],
                f"{count} readings came: "
                f"{sosie.query('select count(*) from readings')}", 60)
            rows = sosie.query("select series, t, value from readings where time < '2026-06-11' "
                               f"and {RAW}")
            last = {}
            for series, at, value in rows:
                if series not in last or last[series][0] < at:
                    last[series] = (at, value)
            self.assertEqual({series: value for series, (_, value) in last.items()}, expected)
        # Its topics, and what the broker keeps.
        kept = self.broker.hear("sosie", "toulouse/+/noise/noise-0001")
        self.assertEqual(len(kept), 1)
        self.assertRegex(kept[0][0], r"^toulouse/[a-z0-9-]+/noise/noise-0001$")
        self.assertEqual(self.broker.hear("sosie", "toulouse/status"), [("toulouse/status", "offline")])

    def test_nobody_comes_in_without_a_name(self):
        self.assertNotEqual(self.broker.say(None, "toulouse/x/noise/x", "1").returncode, 0)
        self.assertEqual(self.broker.hear(None, "toulouse/#"), [])
        env = {**self.broker.environment("sosie"), "SOSIE_MQTT_PASSWORD": "wrong"}
        with Sosie(SCENARIO, env={**env, "SOSIE_MQTT": self.broker.url("sosie")}) as sosie:
            error = eventually(lambda: sosie.json("/api/system")["sources"][0].get("error"),
                               "it says why", 30)
            self.assertIn("Not authorized", error)
            self.assertNotIn("wrong", error)

    def test_rights_by_topic(self):
        def arrives(user, topic):
            word = f"{user} {topic}"
            self.broker.say(user, topic, word, "-r")
            reader = "sosie" if topic.startswith("toulouse/") else "map"
            return (topic, word) in self.broker.hear(reader, topic, 1)
        self.assertTrue(arrives("city", "toulouse/x/noise/a"))
        self.assertTrue(arrives("sosie", "sosie/x"))
        for user, topic in (("sosie", "toulouse/x/noise/b"), ("map", "toulouse/x/noise/c"),
                            ("map", "sosie/y"), ("city", "sosie/z"), ("flows", "sosie/w")):
            self.assertFalse(arrives(user, topic), (user, topic))
        self.assertEqual(self.broker.hear("city", "toulouse/#", 1), [])  # it only writes
        self.assertEqual(self.broker.hear("map", "$SYS/broker/version", 1), [])
        self.assertTrue(self.broker.hear("map", "toulouse/#", 1))
        # What is refused is said, in MQTT 5.
        self.assertIn("Not authorized", self.broker.say("map", "toulouse/x/y/z", "1").stderr)

    def test_tls(self):
        certificate = str(self.broker.certificate)
        with listening(self.broker, url=self.broker.tls_url("sosie"),
                       SOSIE_CA_FILE=certificate) as sosie:
            eventually(lambda: is_listening(sosie), "it listens through TLS", 30)
            simulate("--to", f"mqtts://localhost:{self.broker.tls_port}", "--devices", "20",
                     "--rate", "max", "--count", "100", "--seed", "9",
                     env=self.broker.environment("city", SOSIE_CA_FILE=certificate))
            eventually(lambda: sosie.query("select count(*) from readings")[0][0] > 100,
                       "readings came", 30)
        with listening(self.broker, url=self.broker.tls_url("sosie")) as sosie:
            error = eventually(lambda: sosie.json("/api/system")["sources"][0].get("error"),
                               "it trusts nobody", 30)
            self.assertIn("certificate", error)

    def test_websockets_with_a_name(self):
        self.assertEqual(self.broker.hello_by_websocket("map"), bytes([0x20, 2, 0, 0]))
        self.assertNotEqual(self.broker.hello_by_websocket("nobody")[3:], bytes([0]))

    def test_who_vanishes_is_of_bad_quality(self):
        with listening(self.broker) as sosie:
            eventually(lambda: is_listening(sosie), "it listens", 30)
            wait_for_what_was_retained(sosie)
            sender = subprocess.Popen(
                [BINARY, "simulate", SCENARIO, "--to", f"mqtt://127.0.0.1:{self.broker.port}",
                 "--devices", "20", "--rate", "40", "--seed", "11", "--fault-rate", "0"],
                env=self.broker.environment("city"), cwd=ROOT, stderr=subprocess.DEVNULL)
            began = int(time.time() * 1000)
            now = f"{RAW} and t > {began}"
            eventually(lambda: sosie.query(
                f"select count(distinct series) from readings where {now}")[0][0] > 80,
                "all have spoken", 40)
            self.assertEqual(sosie.query(
                f"select quality, reason, count(*), min(t), max(t) from readings where {now} and "
                "quality <> 'good' group by quality, reason"), [])
            sender.send_signal(signal.SIGKILL)
            sender.wait()
            bad = eventually(lambda: sosie.query(
                "select count(distinct series) from readings where quality = 'bad' and "
                f"reason = 'not_connected' and {now}")[0][0] or None, "its will makes them bad", 40)
            spoke = sosie.query(f"select count(distinct series) from readings where {now}")[0][0]
            self.assertEqual(bad, spoke)

    def test_the_broker_is_restarted_in_the_middle_and_nothing_is_lost(self):
        # Without --speed the rate would say how often the objects report.
        args = ("--devices", "250", "--count", "5000", "--speed", "20", "--start",
                "2026-06-20T06:00:00Z", "--seed", "13", "--fault-rate", "0")
        with CityBroker() as broker, listening(broker) as sosie:
            eventually(lambda: is_listening(sosie), "it listens", 30)
            sender = subprocess.Popen(
                [BINARY, "simulate", SCENARIO, "--to", f"mqtt://127.0.0.1:{broker.port}", *args],
                env=broker.environment("city"), cwd=ROOT, stderr=subprocess.DEVNULL)
            span = f"{RAW} and time between '2026-06-20' and '2026-06-22'"
            eventually(lambda: sosie.query(
                f"select count(*) from readings where {span}")[0][0] > 3000, "some came", 40)
            broker.stop()
            time.sleep(1)
            broker.start()
            self.assertEqual(sender.wait(timeout=60), 0)
            expected = sum(len(values_of(kind_of(m), m))
                           for m in messages_of(*args, "--rate", "max"))
            eventually(lambda: sosie.query(f"select count(*) from readings where {span}")
                       == [[expected]],
                       f"{expected} readings: "
                       f"{sosie.query(f'select count(*) from readings where {span}')}", 60)


if __name__ == "__main__":
    unittest.main()
