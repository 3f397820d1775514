"""The other ways in: a real broker, a simulator in a process of its own, recorded files."""

import json
import shutil
import subprocess
import tempfile
import unittest
import urllib.request
from pathlib import Path

from plain import PUSHED
from sosie import BINARY, PATIENCE_S, ROOT, Sosie, eventually, free_port, run


class Broker:
    """A real Mosquitto on loopback."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-broker-"))
        self.port = free_port()
        (self.folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n",
            encoding="utf-8")
        self.start()

    def start(self):
        binary = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.process = subprocess.Popen([binary, "-c", self.folder / "mosquitto.conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def publish(self, topic, payload):
        return subprocess.run(["mosquitto_pub", "-p", str(self.port), "-q", "1", "-t", topic, "-m",
                               payload], check=False).returncode == 0


MQTT = PUSHED + """
[[source]]
kind = "mqtt"
url = "mqtt://127.0.0.1:{port}"
pattern = "plant/{{entity}}/{{attribute}}"
"""


class Mqtt(unittest.TestCase):
    def test_a_plant_in_another_process_comes_in_by_mqtt_and_what_does_not_fit_is_kept_apart(self):
        broker = Broker()
        self.addCleanup(broker.kill)
        with Sosie.of_text(MQTT.format(port=broker.port)) as sosie:
            eventually(lambda: broker.publish("plant/A/t", "1.5"), "the broker is up", 10)
            eventually(lambda: broker.publish("plant/A/t", "2.5")
                       and sosie.query("select count(*) from readings where series='A.t'") != [[0]],
                       "a bare number is stored", 20)
            broker.publish("plant/A/t", "warm")
            eventually(lambda: sosie.json("/api/quarantine")["total"] > 0, "it is in quarantine", 10)
            done = run("simulate", "--to", f"mqtt://127.0.0.1:{broker.port}/plant", "--speed", "max",
                       "--duration", "1m", "--start", "2026-11-19T00:00:00Z", "--fault-rate", "0")
            self.assertIn(f"{12 * 127} readings sent", done.stderr)
            eventually(lambda: sosie.query(
                "select count(*) from readings where t < 1795100000000000 and t > 1795000000000000")
                == [[12 * 127]] or sosie.query(
                "select count(*) from readings where time between '2026-11-19T00:00:00Z' and "
                "'2026-11-19T00:02:00Z'") == [[12 * 127]], "all of it is stored", 20)

            broker.kill()
            eventually(lambda: sosie.json("/api/system")["sources"][0]["state"] == "waiting",
                       "the lost broker is noticed", 30)
            broker.start()
            eventually(lambda: broker.publish("plant/B/t", "7")
                       and sosie.query("select count(*) from readings where series='B.t'") != [[0]],
                       "it goes on when the broker is back", 60)

    def test_a_value_in_another_unit_is_converted_and_in_an_unknown_one_refused(self):
        broker = Broker()
        self.addCleanup(broker.kill)
        scenario = PUSHED + """
[[source]]
kind = "mqtt"
url = "mqtt://127.0.0.1:{port}"
pattern = "plant/{{entity}}"
unit = "data.unit"
values = {{"data.t" = "temperature"}}
units = {{temperature = "°C"}}
"""
        with Sosie.of_text(scenario.format(port=broker.port)) as sosie:
            eventually(lambda: broker.publish("plant/A", '{"data": {"t": 86, "unit": "°F"}}')
                       and sosie.query("select count(*) from readings") != [[0]], "the first is stored", 20)
            broker.publish("plant/B", '{"data": {"t": 86, "unit": "bogus"}}')
            broker.publish("plant/C", '{"data": {"t": 31}}')
            eventually(lambda: sosie.query("select count(*) from readings where series = 'C.temperature'")
                       == [[1]], "the rest goes on", 10)
            found = sosie.query("select distinct series, value from readings order by series")
            self.assertEqual([(name, round(value, 9)) for name, value in found],
                             [("A.temperature", 30), ("C.temperature", 31)])
            kept = sosie.json("/api/quarantine")
            self.assertEqual(kept["total"], 1)
            self.assertIn("the unit 'bogus' is not known", json.dumps(kept))


class OtherProcessByHttp(unittest.TestCase):
    def test_the_simulator_sends_by_http(self):
        with Sosie.of_text(PUSHED) as sosie:
            run("simulate", "--to", f"http://127.0.0.1:{sosie.port}", "--speed", "max",
                "--duration", "1m", "--start", "2026-11-19T00:00:00Z", "--fault-rate", "0")
            self.assertEqual(sosie.query("select count(*) from readings"), [[12 * 127]])


class Recorded(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sosie-replay-")
        self.addCleanup(shutil.rmtree, self.folder)

    def test_real_recordings_are_learned_watched_and_scored(self):
        for scenario in ["gecco2018/gecco2018", "machine_temperature/machine_temperature"]:
            with self.subTest(scenario):
                done = run("replay", f"scenarios/{scenario}.toml", "--data", self.folder, "--json")
                score = json.loads(done.stdout)
                self.assertGreater(score["labels"], 0)
                self.assertGreater(score["found"], 0)
                floor = next(f for f in score["floors"] if f["name"] == "metronome")
                self.assertGreater(score["f1"], floor["f1"])

    def test_a_file_of_anybody_needs_no_scenario(self):
        path = Path(self.folder) / "pump.csv"
        rows = ["time;flow;bad"] + [f"2026-01-{1 + i // 288:02} {i // 12 % 24:02}:{i % 12 * 5:02}:00;"
                                    f"{(50 + i % 7 + (40 if 3000 < i < 3060 else 0))};"
                                    f"{int(3000 < i < 3060)}" for i in range(4000)]
        path.write_text("\n".join(rows), encoding="utf-8")
        done = run("replay", path, "--label", "bad", "--columns", "flow", "--data", self.folder,
                   "--json", "--learn", "20%")
        score = json.loads(done.stdout)
        self.assertEqual((score["labels"], score["found"]), (1, 1))
        again = run("replay", path, "--data", self.folder, check=False)
        self.assertEqual(again.returncode, 2)
        self.assertIn("--fresh", again.stderr)

    def test_a_file_that_is_none_is_explained(self):
        path = Path(self.folder) / "x.csv"
        for text, word in [("", "x.csv"), ("a;b\n1;2\n", "time"), ("1,2\n3,4\n", "x.csv")]:
            path.write_text(text, encoding="utf-8")
            done = run("replay", path, "--data", self.folder, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(word, done.stderr)

    def test_one_row_is_an_instant_and_no_rhythm(self):
        path = Path(self.folder) / "one.csv"
        path.write_text("time,flow\n2026-01-01T00:00:00Z,5\n", encoding="utf-8")
        said = run("replay", path, "--data", self.folder, check=False).stderr
        self.assertIn("1 series, 1 reading, at 2026-01-01T00:00:00", said)
        self.assertNotIn("one every", said)

    def test_a_recording_that_has_ended_says_so_and_its_clock_stays_at_its_end(self):
        scenario = ROOT / "scenarios/nab/art_daily_jumpsup.toml"
        sosie = Sosie(scenario, folder=self.folder)

        def status():
            with urllib.request.urlopen(f"http://127.0.0.1:{sosie.port}/api/live",
                                        timeout=PATIENCE_S) as events:
                while events.readline() != b"event: status\n":
                    pass
                return json.loads(events.readline().removeprefix(b"data: "))

        for life in range(2):  # in the second it is played over what is stored
            with self.subTest(life=life), sosie:
                eventually(lambda: status()["ended"], "the recording has ended", 30)
                end_ms = status()["now_ms"]
                eventually(lambda: status()["data_ms"] == end_ms, "all of it went through", 30)
                eventually(lambda: sosie.json("/api/system")["store"]["newest_ms"] == end_ms,
                           "all of it is kept", 30)
                told = status()
                self.assertEqual((told["now_ms"], told["ended"]), (1397519700000, True))
                self.assertFalse(told["live"])

    def test_train_export_backup_evaluate_on_what_was_stored(self):
        scenario = "scenarios/nab/art_daily_jumpsup.toml"
        place = ["--data", self.folder]
        run("replay", scenario, *place)
        card = json.loads(run("train", scenario, *place, "--json").stdout)
        self.assertEqual(card["version"], 2)
        self.assertIn("labels", json.loads(run("evaluate", scenario, *place, "--json").stdout))
        lines = run("export", "readings", "--scenario", scenario, *place).stdout.splitlines()
        self.assertEqual(len(lines), 4032 + 1)
        for what in ["findings", "alarms", "labels", "results"]:
            for line in run("export", what, "--scenario", scenario, *place, "--format",
                            "json").stdout.splitlines():
                json.loads(line)
        copy = Path(self.folder) / "copy.db"
        run("backup", copy, "--scenario", scenario, *place)
        self.assertGreater(copy.stat().st_size, 1000)
        self.assertNotEqual(run("backup", copy, "--scenario", scenario, *place,
                                check=False).returncode, 0)

    def test_restore_goes_back_and_is_refused_while_the_store_is_in_use(self):
        with Sosie.of_text(PUSHED) as sosie:
            place = ["--scenario", sosie.scenario, "--data", sosie.folder / "var"]
            copy = sosie.folder / "copy.db"

            def post(number):
                self.assertEqual(sosie.post("/api/readings", {
                    "entity": "R", "attribute": "n", "value": number,
                    "time": 1795168800000 + number * 1000})[0], 200)

            def stored():
                return sosie.query("select value from readings where series='R.n'")

            post(1)
            run("backup", copy, *place)
            post(2)
            refused = run("restore", copy, *place, check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(str(sosie.process.pid), refused.stderr)
            self.assertEqual(stored(), [[1], [2]])
            sosie.stop()
            said = run("restore", copy, *place).stdout
            self.assertEqual(stored(), [[1]])
            aside = said.strip().rsplit(" ", 1)[-1]
            self.assertIn(".before-restore-", aside)
            self.assertTrue(Path(aside).exists())
            sosie.start()
            post(3)
            self.assertEqual(stored(), [[1], [3]])


if __name__ == "__main__":
    unittest.main()
