"""LoRaWAN network servers' uplinks and Sparkplug B edge nodes, through a real broker.

Sparkplug's payloads are made by Eclipse Tahu's own Python module.
"""

import json
import subprocess
import time
import unittest

from mosquitto import Listener, Mosquitto
from packages import module_from
from sosie import Sosie, eventually

LORAWAN = """
name = "lorawan"
[intake]
unknown = "declare"
[[source]]
kind = "mqtt"
name = "chirpstack"
url = "{url}"
format = "chirpstack"
signal = true
[[source.codec]]
devices = ["soil-v2"]
kind = "fields"
field = [
  {{attribute = "temperature", at = 0, type = "i16", scale = 0.1}},
  {{attribute = "moisture", at = 2, type = "u8", scale = 0.5, port = 2}},
]
[[source.codec]]
devices = ["cayenne-*"]
kind = "cayenne"
[[source]]
kind = "mqtt"
name = "things"
url = "{url}"
format = "the_things"
entity = "{{application}}-{{device}}"
"""

SPARKPLUG = """
name = "sparkplug"
[intake]
unknown = "declare"
[[source]]
kind = "mqtt"
url = "{url}"
format = "sparkplug"
host_id = "sosie"
"""


def publish(broker, topic, payload, *options):
    """Any bytes, as one message."""
    subprocess.run(["mosquitto_pub", "-p", str(broker.port), "-q", "1", "-t", topic, "-s", *options],
                   input=payload, check=True)


def uplink(device, profile, port, data, decoded=None):
    body = {"time": time.strftime("%Y-%m-%dT%H:%M:%S.123456789+00:00", time.gmtime()),
            "deviceInfo": {"applicationName": "farm", "deviceProfileName": profile,
                           "deviceName": device, "devEui": "0102030405060708"},
            "fPort": port, "data": data, "rxInfo": [{"rssi": -101, "snr": -3.5}]}
    if decoded is not None:
        body["object"] = decoded
    return json.dumps(body).encode()


def tahu():
    """Eclipse Tahu's functions to make payloads, and its generated messages."""
    return module_from("tahu-venv", "tahu==0.1.2", "tahu.sparkplug_b")


class Gateways(unittest.TestCase):
    def latest(self, sosie, name):
        """(value, quality) of a series; none: it is not there yet."""
        for series in sosie.json("/api/plant")["series"]:
            if series["name"] == name:
                latest = sosie.json(f"/api/series/{series['id']}")["latest"]
                return latest and (latest["value"], latest["quality"])
        return None

    def expect(self, sosie, name, value, quality="good"):
        eventually(lambda: self.latest(sosie, name) == (value, quality),
                   f"{name} is {value}, {quality}", 20)

    def test_lorawan(self):
        with Mosquitto() as broker, Sosie.of_text(LORAWAN.format(url=broker.url)) as sosie:
            eventually(lambda: sosie.said().count("listening to") == 2, "both sources listen", 20)
            topic = "application/8f2c/device/0102030405060708/event/up"
            publish(broker, topic, uplink("field-7", "soil-v2", 2, "ANcr"))  # 00 d7 2b
            self.expect(sosie, "field-7.temperature", 21.5)
            self.expect(sosie, "field-7.moisture", 21.5)
            self.expect(sosie, "field-7.rssi", -101)
            publish(broker, topic, uplink("field-8", "cayenne-1", 1, "A2cBEA=="))
            self.expect(sosie, "field-8.temperature_3", 27.2)
            publish(broker, topic, uplink("meter", "other", 1, "AA==", {"power": {"kw": 3.5}}))
            self.expect(sosie, "meter.power.kw", 3.5)
            publish(broker, topic, uplink("field-9", "soil-v2", 2, "AA=="))  # too short
            publish(broker, topic, b'{"deviceInfo": 5}')
            publish(broker, "v3/app1@ttn/devices/dev1/up", json.dumps({
                "end_device_ids": {"device_id": "dev1",
                                   "application_ids": {"application_id": "app1"}},
                "uplink_message": {"f_port": 1, "decoded_payload": {"level": 0.75},
                                   "received_at": "2026-11-01T10:00:00.123456789Z"}}).encode())
            self.expect(sosie, "app1-dev1.level", 0.75)

            def refused():
                rows = sosie.json("/api/quarantine")["rows"]
                return len(rows) == 2 and [row["reason"] for row in rows]

            # The other source's value may be there before this one's refusals.
            reasons = eventually(refused, "two messages are refused", 20)
            self.assertIn("'temperature' ends at byte 2, the payload has 1", reasons)

    def test_sparkplug(self):
        made = module_from("tahu-venv", "tahu==0.1.2", "tahu.sparkplug_b")
        kinds = made.MetricDataType

        def send(broker, verb, payload, *metrics):
            for metric in metrics:
                made.addMetric(payload, *metric)
            publish(broker, f"spBv1.0/plant/{verb}", payload.SerializeToString())

        with Mosquitto() as broker, \
                Listener(broker, "spBv1.0/STATE/sosie", "spBv1.0/+/NCMD/#") as heard, \
                Sosie.of_text(SPARKPLUG.format(url=broker.url)) as sosie:
            def is_online():
                states = [json.loads(text) for topic, text in heard.messages if "/STATE/" in topic]
                return states and states[-1]["online"]

            eventually(is_online, "the host says that it is there", 20)
            # Data of somebody nobody knows: it is asked to tell of itself.
            send(broker, "NDATA/gate", made.getDdataPayload(), ("flow", None, kinds.Double, 1.0))
            eventually(lambda: any(topic == "spBv1.0/plant/NCMD/gate" for topic, _ in heard.messages),
                       "a birth is asked for", 20)

            birth, death = made.getNodeBirthPayload(), made.getNodeDeathPayload()
            birth.metrics[0].long_value = death.metrics[0].long_value  # bdSeq, which Tahu miscounts
            send(broker, "NBIRTH/gate", birth, ("Plant/Load", 1, kinds.Int16, 5))
            self.expect(sosie, "gate.Plant_Load", 5)
            send(broker, "DBIRTH/gate/pump", made.getDeviceBirthPayload(),
                 ("flow", 2, kinds.Float, 12.5), ("running", 3, kinds.Boolean, True))
            self.expect(sosie, "pump.flow", 12.5)
            self.expect(sosie, "pump.running", 1)
            send(broker, "DDATA/gate/pump", made.getDdataPayload(), (None, 2, kinds.Float, 13.5))
            self.expect(sosie, "pump.flow", 13.5)
            send(broker, "NDEATH/gate", death)
            self.expect(sosie, "pump.flow", 13.5, "bad")
            self.expect(sosie, "gate.Plant_Load", 5, "bad")
            sosie.kill()
            eventually(lambda: not is_online(), "the broker says that the host is gone", 20)


if __name__ == "__main__":
    unittest.main()
