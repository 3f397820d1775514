"""The shipped Node-RED flow on a real headless Node-RED, with a real Mosquitto and a real Sosie: alarms
become chat messages, once and also after the chat was away, and the slider moves limits: a detector's, and
those of the city's rules.

    python3 -m unittest discover -s tests/deploy -p 'test_node_red.py'      SOSIE: which program

Needs mosquitto and tests/servers.sh install node-red.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from mosquitto import Mosquitto  # noqa: E402
from plain import PUSHED  # noqa: E402
from sosie import Sosie, eventually, free_port  # noqa: E402

FLOWS = ROOT / "deploy/node-red/flows.json"
CORE = {"comment", "delay", "function", "http in", "http request", "http response", "mqtt in", "mqtt-broker",
        "tab", "template"}

SCENARIO = PUSHED.replace('period = "1h"', 'period = "10s"') + """
[diagnosis]
hold = "2s"
[[detector]]
kind = "limits"
range = false
[[detector.rule]]
on = ["K1"]
high = 100
priority = "critical"
on_delay = "0s"
off_delay = "0s"
[[sink]]
kind = "mqtt"
url = "{broker}"
alarms = "plant/${{entity}}/alarm"
early = true
[[notifier]]
kind = "webhook"
url = "http://127.0.0.1:{node_red}/sosie/alarm"
"""


class Chat:
    """Takes what an incoming webhook takes; `down`: how many times it will not."""

    def __init__(self):
        self.texts, self.attempts, self.down = [], 0, 0
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                chat.attempts += 1
                chat.down -= chat.down > 0
                status = 500 if chat.down > 0 else 200
                if status == 200:
                    chat.texts.append(body["text"])
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class NodeRed:
    """Use it in a `with`."""

    def __init__(self, **env):
        self.folder = tempfile.mkdtemp(prefix="sosie-node-red-")
        self.port = free_port()
        self.env = {**os.environ, "SOSIE_SERVERS_DIR": self.folder, "P_NODERED": str(self.port),
                    "NODERED_FLOWS": str(FLOWS), **env}

    def control(self, command):
        done = subprocess.run([ROOT / "tests/servers.sh", command, "node-red"], env=self.env, text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"servers.sh {command}: {done.stdout} {done.stderr}")

    def __enter__(self):
        self.control("install")
        self.control("start")
        return self

    def __exit__(self, *_):
        self.control("clean")
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data,
                                         {"Content-Type": "application/json"} if body is not None else {})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


class Flow(unittest.TestCase):
    def feed(self, sosie, value, enough, what):
        """K1 measures `value`, as time goes, until that has been enough."""
        def once():
            row = {"entity": "K1", "attribute": "value", "value": value, "time": int(time.time() * 1000)}
            status, answer = sosie.post("/api/readings", [row])
            self.assertEqual(status, 200, answer)
            time.sleep(0.4)
            return enough()
        return eventually(once, what, 60)

    def seconds(self, number):
        end = time.monotonic() + number
        return lambda: time.monotonic() > end

    def test_it_uses_only_nodes_that_come_with_node_red(self):
        flow = json.loads(FLOWS.read_text(encoding="utf-8"))
        self.assertEqual({node["type"] for node in flow} - CORE, set())
        self.assertNotIn("hook", FLOWS.read_text(encoding="utf-8").replace("webhook", ""))

    def test_alarms_are_said_and_the_slider_moves_a_limit(self):
        chat = Chat()
        with Mosquitto() as broker:
            node_red_port = free_port()
            toml = SCENARIO.format(broker=broker.url, node_red=node_red_port)
            with Sosie.of_text(toml) as sosie:
                env = {"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(broker.port), "CHAT_URL": chat.url,
                       "SOSIE_ALARMS_TOPIC": "plant/+/alarm", "SOSIE_LANG": "fr",
                       "SOSIE_URL": f"http://127.0.0.1:{sosie.port}", "P_NODERED": str(node_red_port)}
                node_red = NodeRed(**env)
                node_red.port = node_red_port
                with node_red:
                    self.alarms(sosie, chat)
                    self.slider(sosie, chat, node_red)

    def alarms(self, sosie, chat):
        self.feed(sosie, 50, lambda: sosie.json("/api/ai")["trained"], "it has learned")
        self.feed(sosie, 50, self.seconds(2), "it watches")
        chat.down = 2  # the first attempt fails
        self.feed(sosie, 500, lambda: chat.texts, "the alarm is said")
        self.assertTrue(chat.texts[0].startswith("\U0001F534 Alarme (critique): "), chat.texts)
        self.assertIn("K1", chat.texts[0])
        self.assertEqual(chat.attempts, 2)
        self.feed(sosie, 50, lambda: len(chat.texts) > 1, "its end is said")
        self.assertTrue(chat.texts[1].startswith("\u2705 Terminé (critique): "), chat.texts)
        time.sleep(1)  # both ways in were used: by MQTT and by the webhook
        self.assertEqual(len(chat.texts), 2)

    def shown(self, node_red):
        """The limits that the page with the sliders has."""
        status, page = node_red.call("/sosie/limit")
        self.assertEqual(status, 200, page)
        return json.loads(page.split("const limits = ", 1)[1].split(";\n", 1)[0])

    def test_the_citys_rules_have_sliders_and_are_moved_by_them(self):
        with Mosquitto() as broker, Sosie("scenarios/toulouse/toulouse.toml") as sosie:
            with NodeRed(MQTT_HOST="127.0.0.1", MQTT_PORT=str(broker.port), SOSIE_ALARMS_TOPIC="none",
                         SOSIE_URL=f"http://127.0.0.1:{sosie.port}") as node_red:
                limits = {(one["of"], one["name"]): one for one in self.shown(node_red)}
                self.assertEqual({key: one["value"] for key, one in limits.items()}, {
                    ("noise", "high"): 80, ("no2", "high"): 200, ("bin_full", "high"): 0.95,
                    ("bin_fire", "high"): 90, ("garage_full", "low"): 1, ("jam", "high"): 0.45})
                self.assertEqual(limits["noise", "high"]["unit"], "dB(A)")
                moved = {**limits["bin_fire", "high"]["moves"], "name": "high", "value": -60, "who": "Ana"}
                status, answer = node_red.call("/sosie/limit", moved)
                self.assertEqual((status, json.loads(answer)["high"]), (200, -60), answer)

                def cold_fires():
                    return [alarm for alarm in sosie.json("/api/alarms")["alarms"]
                            if alarm["condition"].startswith("rule/bin_fire/")
                            and "above -60" in alarm["message"]["en"]]
                eventually(lambda: len(cold_fires()) > 5, "every bin is warmer, and burns by that rule", 90)
                self.assertEqual(self.shown(node_red)[3]["value"], -60)
                self.assertEqual([(change["rule"], change["who"], change["comment"])
                                  for change in sosie.json("/api/rules")["log"]],
                                 [("bin_fire", "Ana", "Node-RED")])
                status, answer = node_red.call("/sosie/limit", {**moved, "name": "low"})
                self.assertEqual(status, 400)
                self.assertIn("has no 'low'", json.loads(answer)["description"])
                self.assertEqual(node_red.call("/sosie/limit", {**moved, "rule": "a/b"})[0], 404)

    def slider(self, sosie, chat, node_red):
        limits = self.shown(node_red)
        self.assertEqual([(one["of"], one["name"], one["value"]) for one in limits], [("K1", "high", 100)])
        move = {**limits[0]["moves"], "name": "high", "value": 600, "who": "Ana"}
        status, answer = node_red.call("/sosie/limit", move)
        self.assertEqual((status, json.loads(answer)["value"]), (200, 600), answer)
        now = sosie.json("/api/limits")
        self.assertEqual(now["limits"][0]["value"], 600)
        self.assertEqual((now["log"][0]["who"], now["log"][0]["comment"]), ("Ana", "Node-RED"))
        self.feed(sosie, 500, self.seconds(6), "six seconds of what was an alarm before")
        self.assertEqual(len(chat.texts), 2, chat.texts)
        for wrong in ({}, {**move, "name": "../x"}, {**move, "who": " "}, {**move, "value": "7"},
                      {**move, "rule": "x"}, {**move, "series": "0"}):
            self.assertEqual(node_red.call("/sosie/limit", wrong)[0], 400, wrong)
        self.assertEqual(node_red.call("/sosie/limit", {**move, "name": "low"})[0], 404)
        sosie.stop()
        self.assertEqual(node_red.call("/sosie/limit", move)[0], 502)
        self.assertEqual(node_red.call("/sosie/limit")[0], 502)
        sosie.start()


if __name__ == "__main__":
    unittest.main()
