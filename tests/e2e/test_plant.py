"""The plant as it ships: its first day, its second start, a fault found and acknowledged."""

import time
import unittest

from sosie import ROOT, Sosie, eventually

SCENARIO = ROOT / "scenarios/traffeyere/traffeyere.toml"
STAGES = {"pretraitement": 15, "decantation_primaire": 18, "traitement_biologique": 35,
          "decantation_secondaire": 16, "traitement_tertiaire": 12, "desinfection": 8,
          "traitement_des_boues": 10, "sortie_controle": 13}


class Plant(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sosie = Sosie(SCENARIO).start()
        cls.addClassCleanup(cls.sosie.__exit__, None, None, None)
        eventually(cls.has_its_day, "the first day is stored")

    @classmethod
    def has_its_day(cls):
        """Made, and on disk up to the last minute."""
        if cls.sosie.json("/api/simulator")["catching_up"]:
            return False
        newest = cls.sosie.json("/api/system")["store"]["newest_ms"]
        return newest and newest > time.time() * 1000 - 60_000

    def test_127_sensors_in_8_stages(self):
        plant = self.sosie.json("/api/plant")
        self.assertEqual(len(plant["series"]), 127)
        self.assertEqual({s["id"]: len(s["series"]) for s in plant["stages"]}, STAGES)

    def test_a_day_is_stored_and_charted(self):
        newest = self.sosie.json("/api/series/0")["latest"]["t"]
        history = self.sosie.json(f"/api/series/0/history?from={newest - 86_400_000}&to={newest}")
        self.assertGreater(history["t"][-1] - history["t"][0], 23 * 3_600_000)
        self.assertGreater(len(history["mean"]), 100)
        for low, mean, high in zip(history["min"], history["mean"], history["max"]):
            self.assertTrue(low <= mean <= high)

    def test_it_has_learned_and_knows_what_is_normal(self):
        self.assertTrue(self.sosie.json("/api/ai")["trained"])
        self.assertEqual(len(self.sosie.json("/api/series/0")["normal"]), 24)

    def test_what_detectors_said_is_held_against_the_truth(self):
        score = self.sosie.json("/api/scoreboard?hours=24")
        self.assertTrue(score["known"])
        self.assertGreater(score["labels"], 0)
        self.assertTrue(any(f["name"] == "never alarm" for f in score["floors"]))

    def test_a_stuck_sensor_is_found_named_explained_and_acknowledged(self):
        status, answer = self.sosie.post("/api/simulator/faults", {
            "fault": "stuck", "target": "AIT-104-COND", "minutes": 60})
        self.assertEqual(status, 201, answer)
        self.sosie.post("/api/simulator", {"speed": 120})

        def found():
            findings = self.sosie.json("/api/findings?open=true")["findings"]
            return next((f for f in findings
                         if f["suspects"][0]["name"].startswith("AIT-104-COND")), None)

        finding = eventually(found, "the stuck sensor is found", 60)
        self.sosie.post("/api/simulator", {"speed": 1})
        self.assertIn("AIT-104-COND", finding["sentence"]["en"])
        self.assertIn("AIT-104-COND", finding["sentence"]["fr"])
        one = self.sosie.json(f"/api/findings/{finding['id']}")
        self.assertIn(answer["label"], [label["id"] for label in one["truth"]["labels"]])
        self.assertEqual(one["evidence"],
                         sorted(one["evidence"], key=lambda evidence: evidence["since_ms"]))
        self.assertEqual(one["first"]["since_ms"], next(
            e["since_ms"] for e in one["evidence"] if e["series"] is not None))
        self.assertTrue(one["first"]["stage"])
        self.assertTrue(any(suspect["contribution"] for suspect in one["suspects"]))

        alarm = eventually(lambda: next(
            (a for a in self.sosie.json("/api/alarms")["alarms"]
             if a["finding"] == finding["id"]), None), "it is an alarm", 20)
        status, done = self.sosie.post(f"/api/alarms/{alarm['id']}/acknowledge",
                                       {"who": "Ana", "comment": "seen on site"})
        self.assertEqual((status, done["acknowledged"], done["comment"]),
                         (200, True, "seen on site"))
        status, _ = self.sosie.post(f"/api/alarms/{alarm['id']}/acknowledge",
                                    {"who": "", "comment": ""})
        self.assertEqual(status, 400)

    def test_lived_faster_it_is_not_silent_meanwhile(self):
        began = self.sosie.json("/api/simulator")["now_ms"]
        self.sosie.post("/api/simulator", {"speed": 600})
        eventually(lambda: self.sosie.json("/api/simulator")["now_ms"] > began + 3_600_000,
                   "an hour is lived", 60)
        self.sosie.post("/api/simulator", {"speed": 1})
        for finding in self.sosie.json(f"/api/findings?from={began}")["findings"]:
            silent = {e["series"] for e in finding["evidence"] if e["symptom"] == "missing"}
            self.assertLess(len(silent), 10, finding["sentence"]["en"])

    def test_wrong_orders_are_answered(self):
        for body, expected in [({"fault": "stcuk"}, 404), ({}, 400),
                               ({"fault": "stuck", "target": "NO-SUCH-TAG"}, 404)]:
            with self.subTest(body):
                status, answer = self.sosie.post("/api/simulator/faults", body)
                self.assertEqual(status, expected)
                self.assertTrue(answer["description"])

    def test_metrics_have_the_promised_families(self):
        metrics = self.sosie.get("/metrics")[1]
        for family in ["station_traffeyere_ph_current", "station_traffeyere_o2_dissous_current",
                       "station_traffeyere_turbidite_current", "station_traffeyere_debit_current",
                       "station_traffeyere_total_sensors 127",
                       "station_traffeyere_anomalies_total",
                       "station_traffeyere_compliance_score",
                       "station_traffeyere_treatment_efficiency_percent",
                       "edge_ai_prediction_latency_seconds_bucket",
                       "edge_ai_anomalies_detected_total", "edge_ai_predictions_total",
                       "edge_ai_model_accuracy", "edge_ai_throughput_per_second", "sosie_"]:
            self.assertIn(family, metrics)


class SecondStart(unittest.TestCase):
    def test_it_is_quick_and_keeps_data_model_and_findings(self):
        sosie = Sosie(SCENARIO)
        with sosie:
            eventually(lambda: not sosie.json("/api/simulator")["catching_up"], "a day is there")
            eventually(lambda: sosie.json("/api/system")["store"]["newest_ms"], "it is stored")
            first = sosie.json("/api/findings?limit=1000")
            oldest = sosie.json("/api/system")["store"]["oldest_ms"]
            sosie.stop()
            sosie.start()
            again = sosie.json("/api/findings?limit=1000")
            self.assertGreaterEqual(again["total"], first["total"])
            self.assertEqual(sosie.json("/api/system")["store"]["oldest_ms"], oldest)
            self.assertEqual(sosie.json("/api/ai")["model"]["version"], 1)


if __name__ == "__main__":
    unittest.main()
