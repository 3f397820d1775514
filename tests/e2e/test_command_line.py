"""The command line: help, exit codes, and messages that say what to do."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from sosie import BINARY, PATIENCE_S, ROOT, run

COMMANDS = ["run", "broker", "alerts", "simulate", "replay", "train", "models", "evaluate", "query", "whatif", "compliance",
            "export", "backup", "restore", "check", "bench", "bsm1"]


class CommandLine(unittest.TestCase):
    def test_every_command_has_help_with_an_example_and_exit_codes(self):
        for command in COMMANDS:
            with self.subTest(command):
                text = run(command, "--help").stdout
                self.assertRegex(text, r"(?m)^  .*sosie " + command + r"\b.*$")
                self.assertIn("Exit codes: 0 ", text)

    def test_two_futures_of_a_plant_that_has_not_begun(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "futures.csv"
            asked = ["whatif", "--data", folder, "--setpoint", "oxygen=1", "--hours", "3"]
            told = json.loads(run(*asked, "--json", "--csv", file).stdout)
            self.assertEqual(told["differences"][0]["entity"], "AIT-306-DO")
            self.assertEqual(told["change"]["setpoints"][0]["before"], 2)
            self.assertEqual(told["compliance"]["sample_hours"], 3)
            self.assertEqual(len(told["courses"]), 127)
            self.assertEqual(len(file.read_text(encoding="utf-8").splitlines()), 1 + 127 * 180)
            text = run(*asked, "--weather", "storm").stdout
            self.assertIn("begun anew", text)
            self.assertIn("oxygen 1 instead of 2", text)
            self.assertIn("BOD5  at most    25 mg/l", text)
            room = ROOT / "scenarios/room/room.toml"
            self.assertIn("day 17 instead of", run("whatif", room, "--data", folder, "--setpoint",
                                                   "day=17", "--hours", "12").stdout)

    def test_a_future_that_cannot_be_is_refused_in_words(self):
        for asked, said in [
            ([], "nothing is changed"),
            (["--setpoint", "oxigen=1"], "did you mean 'oxygen'?"),
            (["--setpoint", "oxygen"], "expected NAME=NUMBER"),
            (["--setpoint", "oxygen=9"], "0.2 to 6 mg/l"),
            (["--fault", "blower_trop"], "did you mean"),
            (["--fault", "stuck:AIT-306-D0"], "did you mean 'AIT-306-DO'?"),
            (["--weather", "hail"], "dry, rain, storm"),
            (["--undo", "7"], "none runs"),
            (["--weather", "storm", "--hours", "1000"], "744"),
        ]:
            with self.subTest(said), tempfile.TemporaryDirectory() as folder:
                done = run("whatif", "--data", folder, *asked, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn(said, done.stderr)

    def test_a_wrong_call_is_2(self):
        self.assertEqual(run("fly", check=False).returncode, 2)
        self.assertEqual(run("run", "no-such-file.toml", check=False).returncode, 2)
        folder = run("check", "scenarios", check=False)
        self.assertEqual(folder.returncode, 2)
        self.assertIn("is a folder; expected a scenario file", folder.stdout + folder.stderr)

    def test_every_scenario_that_ships_is_good(self):
        scenarios = sorted(ROOT.glob("scenarios/*/*.toml"))
        self.assertGreaterEqual(len(scenarios), 1)
        answer = json.loads(run("check", "--json", *scenarios).stdout)
        self.assertEqual([a for a in answer if not a["ok"]], [])

    def test_messages_for_whom_takes_none_say_who_does(self):
        for scenario, to, said in [
                ("fleet", "http://127.0.0.1:1", "takes none; expected kafka://"),
                ("fleet", "foo://x", "'foo://x' takes none"),
                ("room", "stdout", "room.toml has no [source.message]")]:
            answer = run("simulate", f"scenarios/{scenario}/{scenario}.toml", "--to", to, "--count",
                         "5", check=False)
            self.assertEqual(answer.returncode, 2, answer.stderr)
            self.assertIn(said, answer.stderr)

    def test_the_first_example_of_operators_is_good(self):
        docs = (ROOT / "docs/operators.md").read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(ROOT / "scenarios/toulouse/data", Path(folder) / "data")
            scenario = Path(folder) / "example.toml"
            scenario.write_text('name = "x"\n[intake]\nunknown = "declare"\n'
                                + docs.split("```toml\n")[1].split("```")[0], encoding="utf-8")
            self.assertIn("good", run("check", scenario).stdout)

    def test_a_model_beside_the_plant_is_one_of_a_plant_that_has_one(self):
        text = (ROOT / "scenarios/traffeyere/traffeyere.toml").read_text(encoding="utf-8")
        for model, status, said in [
            ('[detector.model]\nkind = "wastewater"\nsensors = "sensors.csv"\n', 0, "good"),
            ('[detector.model]\nkind = "room"\n', 2, "wastewater"),
            ("", 2, "'model' is missing"),
        ]:
            with self.subTest(said), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "beside.toml"
                path.write_text(f'{text}\n[[detector]]\nkind = "mechanistic"\n{model}',
                                encoding="utf-8")
                shutil.copy(ROOT / "scenarios/traffeyere/sensors.csv", folder)
                done = run("check", path, check=False)
                self.assertEqual(done.returncode, status, done.stdout)
                self.assertIn(said, done.stdout)

    def test_a_typing_error_is_found_with_its_line_and_the_nearest_name(self):
        text = (ROOT / "scenarios/traffeyere/traffeyere.toml").read_text(encoding="utf-8")
        for right, typed, said, read, nearest in [
            ('kind = "stuck"', 'kind = "stcuk"', "did you mean stuck?", "stcuk", "stuck"),
            ('TSS = "AIT-106-TSS"', 'TSS = "AIT-1O6-TSS"', "did you mean AIT-106-TSS?",
             "AIT-1O6-TSS", "AIT-106-TSS"),
            ('stage = "sortie_controle"', 'stage = "sortie_control"',
             "did you mean sortie_controle?", "sortie_control", "sortie_controle"),
            ('population_equivalent', 'population_equivalnt', "did you mean",
             "population_equivalnt", "population_equivalent"),
            ("port = 8091", "port = 80910", "is 80910; expected 0 to 65535", "80910", None),
            ('sensors = "sensors.csv"', 'sensors = "sensor.csv"', "No such file", "sensor.csv",
             None),
        ]:
            with self.subTest(typed), tempfile.TemporaryDirectory() as folder:
                wrong = text.replace(right, typed, 1)
                self.assertNotEqual(wrong, text)
                path = Path(folder) / "wrong.toml"
                path.write_text(wrong, encoding="utf-8")
                shutil.copy(ROOT / "scenarios/traffeyere/sensors.csv", folder)
                done = run("check", path, check=False)
                self.assertEqual(done.returncode, 2)
                line = 1 + wrong[: wrong.index(typed)].count("\n")
                self.assertIn(f"wrong.toml:{line}:", done.stdout)
                self.assertIn(said, done.stdout)
                answer = json.loads(run("check", "--json", path, check=False).stdout)
                self.assertEqual([a["ok"] for a in answer], [False])
                problem, = answer[0]["problems"]
                self.assertEqual(
                    [problem[key] for key in ("file", "line", "read", "nearest")],
                    [str(path), line, read, nearest])
                self.assertTrue(problem["expected"])

    def test_a_secret_that_goes_elsewhere_in_clear_is_warned_of(self):
        plain = 'name = "x"\n[[{}]]\nkind = "{}"\n{}\n'
        mqtt = 'pattern = "a/{entity}"\nuser = "u"\npassword_env = "SECRET"\nurl = '
        influx = 'database = "d"\nuser = "u"\npassword_env = "SECRET"\nurl = '
        hook = 'token_env = "SECRET"\nurl = '
        cases = [("source", "mqtt", mqtt + '"mqtt://broker"', "broker"),
                 ("source", "mqtt", mqtt + '"mqtt://localhost"', None),
                 ("source", "mqtt", mqtt + '"mqtts://broker"', None),
                 ("source", "mqtt", mqtt.replace("password_env", "#") + '"mqtt://broker"', None),
                 ("sink", "influxdb", influx + '"http://db:8086"', "db"),
                 ("sink", "influxdb", influx + '"https://db:8086"', None),
                 ("sink", "influxdb", influx + '"http://127.0.0.1:8086"', None),
                 ("sink", "influxdb", 'bucket = "b"\ntoken_env = "SECRET"\nurl = "http://db"', "db"),
                 ("notifier", "webhook", hook + '"http://chat/x"', "chat"),
                 ("notifier", "webhook", hook + '"https://chat/x"', None)]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "x.toml"
            for table, kind, keys, host in cases:
                with self.subTest(kind=kind, keys=keys):
                    file.write_text(plain.format(table, kind, keys), encoding="utf-8")
                    said = run("check", file, env={**os.environ, "SECRET": "hush"}).stderr
                    self.assertNotIn("hush", said)
                    if host is None:
                        self.assertNotIn("in clear", said)
                    else:
                        self.assertRegex(said, rf"x.toml:\d+.*goes to {host} in clear.*expected")

    def test_the_same_seed_and_start_give_the_same_readings_bit_for_bit(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / f"{n}.csv" for n in range(3)]
            for file, seed in zip(files, [7, 7, 8]):
                run("simulate", "--to", f"file:{file}", "--speed", "max", "--duration", "1h",
                    "--start", "2026-01-05T00:00:00Z", "--seed", seed)
            first, again, other = (file.read_bytes() for file in files)
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertEqual(first.count(b"\n"), 1 + 127 * 720)

    def test_a_plant_lives_by_itself_as_its_scenario_says_unless_it_is_told_otherwise(self):
        text = (ROOT / "scenarios/fleet/fleet.toml").read_text(encoding="utf-8") \
            .replace('"data/', f'"{ROOT}/scenarios/fleet/data/')
        other = text.replace("seed = 42", "seed = 7").replace('"auto"', '"heat"') \
            .replace("fault_rate = 0.02", "fault_rate = 0.4") \
            .replace("history =", 'speed = "max"\nhistory =')
        fast = ["--speed", "max"]
        ways = {"usual": (text, fast), "said": (other, []),
                "asked": (text, [*fast, "--seed", 7, "--weather", "heat", "--fault-rate", 0.4]),
                "said otherwise": (other, ["--seed", 42, "--weather", "auto", "--fault-rate",
                                           0.02])}
        sent, labels = {}, {}
        with tempfile.TemporaryDirectory() as folder:
            scenario, to, truth = (Path(folder) / name for name in ("s.toml", "sent", "truth"))
            for name, (said, asked) in ways.items():
                scenario.write_text(said, encoding="utf-8")
                run("simulate", scenario, "--to", f"file:{to}.jsonl", "--devices", 60, "--start",
                    "2026-01-05T00:00:00Z", "--count", 60 * 720, "--labels", truth, *asked)
                sent[name] = Path(f"{to}.jsonl").read_bytes()
                labels[name] = truth.read_bytes().count(b"\n")
        self.assertEqual(sent["said"], sent["asked"])
        self.assertEqual(sent["usual"], sent["said otherwise"])
        self.assertNotEqual(sent["usual"], sent["said"])
        self.assertGreater(labels["said"], 3 * labels["usual"], labels)

    def test_a_port_that_is_taken_is_said_and_the_next_is_used(self):
        with socket.socket() as taken, tempfile.TemporaryDirectory() as folder:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            process = subprocess.Popen(
                [BINARY, "run", "scenarios/nab/art_daily_jumpsup.toml", "--data", folder, "--port",
                 str(port)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            lines = [process.stdout.readline() for _ in range(2)]
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0)
        self.assertIn(f"port {port} is taken by another program", errors)
        self.assertRegex(lines[1], r"http://127.0.0.1:\d+")
        self.assertNotIn(f":{port}\n", lines[1])

    def test_nothing_stored_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run("query", "select 1", "--data", folder, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("nothing is stored in", done.stderr)
        self.assertIn("first: sosie run", done.stderr)

    def test_the_first_values_of_a_plant_are_as_fine_as_its_sensors(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "first.csv"
            run("simulate", "--to", f"file:{file}", "--speed", "max", "--duration", "10s",
                "--start", "2026-01-01", "--seed", "7")
            values = [line.split(",")[3] for line in file.read_text().splitlines()[1:]]
        self.assertEqual(len(values), 2 * 127)
        self.assertEqual([v for v in values if len(v.partition(".")[2]) > 6], [])

    def test_a_reading_of_long_ago_does_not_stretch_what_is_evaluated(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "pump.csv"
            rows = [f"2026-01-{1 + i // 1440:02}T{i // 60 % 24:02}:{i % 60:02}:00Z,"
                    f"{50 if 4000 < i < 4060 else i % 7},{int(4000 < i < 4060)}"
                    for i in range(5000)]
            file.write_text("time,a,broken\n1985-01-01T00:00:00Z,3,0\n" + "\n".join(rows),
                            encoding="utf-8")
            run("replay", file, "--label", "broken", "--data", folder)
            scenario = f"{folder}/pump/scenario.toml"
            done = run("evaluate", scenario, "--data", folder)
            whole = run("evaluate", scenario, "--data", folder, "--from", "1985-01-01")
        self.assertTrue(done.stdout.startswith("2026-01-01T00:00:00Z to 2026-01-04"), done.stdout)
        self.assertIn("the first at 1985-01-01T00:00:00Z", done.stderr)
        self.assertTrue(whole.stdout.startswith("1985-01-01T00:00:00Z to"), whole.stdout)


if __name__ == "__main__":
    unittest.main()
