"""Rules in event time, with the program: kill -9 at any moment, and no alarm is lost or twice."""

import http.client
import json
import random
import threading
import time
import unittest

from sosie import Sosie, eventually, run

FLEET = """
name = "fleet"
asset = "fleet"
[intake]
unknown = "declare"
[rules]
lateness = "30s"
[[rule]]
name = "hot"
kind = "limit"
series = "*.temperature"
high = 80
on_delay = "3s"
priority = "critical"
[[rule]]
name = "home"
kind = "geofence"
area = [[24, 60], [25, 60], [25, 61], [24, 61]]
"""
DEVICES = 20
STEPS = 240  # seconds of event time


def temperature(device, step):
    """Hot for 10 s in every 40, each device at its own time; never for too short a time."""
    return 95.0 if (step + 2 * device) % 40 < 10 else 60.0


def rows(step, begin_ms):
    return [{"entity": f"truck-{d}", "attribute": "temperature", "value": temperature(d, step),
             "time": begin_ms + 1000 * step} for d in range(DEVICES)]


def expected(begin_ms):
    """(subject, onset in ms, end in ms or None) of each episode, by the plainest reading of it."""
    episodes = set()
    for device in range(DEVICES):
        onset = None
        for step in range(STEPS):
            is_hot = temperature(device, step) > 80
            if is_hot and onset is None:
                onset = step
            if not is_hot and onset is not None:
                if step - 1 - onset >= 3:
                    episodes.add((f"truck-{device}.temperature", begin_ms + 1000 * onset,
                                  begin_ms + 1000 * step))
                onset = None
        if onset is not None and STEPS - 1 - onset >= 3:
            episodes.add((f"truck-{device}.temperature", begin_ms + 1000 * onset, None))
    return episodes


class Rules(unittest.TestCase):
    def setUp(self):
        self.begin_ms = (int(time.time()) - STEPS) * 1000

    def post(self, sosie, readings):
        self.assertEqual(sosie.call("POST", "/api/readings", readings)[0], 200)

    def episodes(self, sosie):
        rows = sosie.query("select episode, rule, subject, onset_ms, closed, withdrawn, "
                           "amended from episodes limit 100000")
        return rows

    def test_killed_at_any_moment_no_alarm_is_lost_and_none_is_raised_twice(self):
        random.seed(4)
        sosie = Sosie.of_text(FLEET)
        sent = 0  # steps that were acknowledged

        def send_until_killed():
            nonlocal sent
            connection = http.client.HTTPConnection("127.0.0.1", sosie.port, timeout=30)
            try:
                while sent < STEPS:
                    connection.request("POST", "/api/readings",
                                       json.dumps(rows(sent, self.begin_ms)))
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status == 200:
                        sent += 1
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()

        lives = 0
        while sent < STEPS:
            sosie.start()
            lives += 1
            sender = threading.Thread(target=send_until_killed)
            sender.start()
            goal = sent + random.randint(1, STEPS // 6) if lives < 12 else STEPS
            while sender.is_alive() and sent < goal:
                sender.join(0.001)
            sosie.kill()
            sender.join()
        with sosie:
            self.assertGreater(lives, 2)
            found = self.episodes(sosie)
            ids = [row[0] for row in found]
            self.assertEqual(len(ids), len(set(ids)))
            self.assertEqual({(row[2], int(row[3])) for row in found},
                             {(subject, onset) for subject, onset, _ in expected(self.begin_ms)})
            still = {subject for subject, _, end in expected(self.begin_ms) if end is None}
            self.assertEqual({row[2] for row in found if row[4] is None}, still)
            steps = sosie.query("select what, condition, count(*) from alarm_log "
                                "group by what, condition limit 100000")
            raised = {row[1]: int(row[2]) for row in steps if row[0] == "raised"}
            cleared = {row[1]: int(row[2]) for row in steps if row[0] == "cleared"}
            for device in range(DEVICES):
                subject = f"truck-{device}.temperature"
                mine = [one for one in expected(self.begin_ms) if one[0] == subject]
                over = [one for one in mine if one[2] is not None]
                self.assertEqual(raised.get(f"rule/hot/{subject}", 0), len(mine), subject)
                self.assertEqual(cleared.get(f"rule/hot/{subject}", 0), len(over), subject)

    def test_readings_shuffled_within_the_lateness_make_the_same_episodes(self):
        random.seed(5)
        readings = [row for step in range(STEPS) for row in rows(step, self.begin_ms)]
        readings += random.sample(readings, 500)  # some come twice
        readings.sort(key=lambda row: row["time"] + random.uniform(0, 29_000))
        with Sosie.of_text(FLEET) as sosie:
            for at in range(0, len(readings), 97):
                self.post(sosie, readings[at:at + 97])
            found = [row for row in self.episodes(sosie) if not int(row[5])]
            self.assertEqual(
                {(row[2], int(row[3])) for row in found},
                {(subject, onset) for subject, onset, _ in expected(self.begin_ms)})
            metrics = sosie.get("/metrics")[1]
            amended = [float(line.split()[-1]) for line in metrics.splitlines()
                       if line.startswith("sosie_rule_episodes_amended_total")]
            self.assertGreater(amended[0], 0)

    def test_rules_that_are_not_in_force_are_tried_on_what_is_stored(self):
        tried = """
[[rule]]
name = "warm"
kind = "limit"
series = "*.temperature"
high = 80
on_delay = "3s"
[[rule]]
name = "silence"
kind = "silence"
after = "1m"
"""
        with Sosie.of_text(FLEET) as sosie:
            for step in range(STEPS):
                self.post(sosie, rows(step, self.begin_ms))
            url = f"/api/rules/try?from={self.begin_ms}"
            status, answer = sosie.call("POST", url, tried)[::2]
            self.assertEqual(status, 200, answer)
            warm, silence = json.loads(answer)["rules"]
            self.assertEqual(
                {(one["subject"], one["onset_ms"], one["closed_ms"]) for one in warm["listed"]},
                set(sorted(expected(self.begin_ms), key=lambda one: one[1])[-100:]))
            self.assertEqual(warm["episodes"], len(expected(self.begin_ms)))
            self.assertEqual(silence["episodes"], 0)
            self.assertEqual({row[1] for row in self.episodes(sosie)}, {"hot"})
            file = sosie.folder / "tried.toml"
            file.write_text(tried)
            said = run("try", file, "--scenario", sosie.scenario, "--data",
                       sosie.folder / "var").stdout
            self.assertIn(f"warm: would have fired {len(expected(self.begin_ms))} times", said)
            status, answer = sosie.call("POST", url, b'[[rule]]\nname = "x"\nknd = "limit"')[::2]
            self.assertEqual(status, 400)
            self.assertIn("rules:1: 'kind' is missing", json.loads(answer)["description"])

    def test_a_geofence_is_left_and_nothing_is_learned(self):
        with Sosie.of_text(FLEET) as sosie:
            for step, latitude in enumerate([60.5, 60.9, 61.1, 61.2]):
                at = self.begin_ms + 1000 * step
                self.post(sosie, [
                    {"entity": "truck-1", "attribute": "latitude", "value": latitude, "time": at},
                    {"entity": "truck-1", "attribute": "longitude", "value": 24.5, "time": at}])
            alarms = eventually(lambda: sosie.json("/api/alarms")["alarms"], "an alarm")
            self.assertEqual(alarms[0]["condition"], "rule/home/truck-1")
            self.assertIn("outside its area", alarms[0]["message"]["en"])
            self.assertIn("hors de sa zone", alarms[0]["message"]["fr"])
            self.assertRegex(alarms[0]["episode"], "^[0-9a-f]{16}$")
            frames = [line for line in sosie.get("/metrics")[1].splitlines()
                      if line.startswith("sosie_frames_total")]
            self.assertEqual(float(frames[0].split()[-1]), 0)


if __name__ == "__main__":
    unittest.main()
