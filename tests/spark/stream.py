"""200,000 messages of a fleet, the same in every run, for what is compared beside this file."""

import json
import random
from datetime import UTC, datetime

BEGIN = datetime(2026, 11, 20, 10, tzinfo=UTC)
BEGIN_MS = int(BEGIN.timestamp() * 1000)
EVERY_S = 5

SOURCE = """
name = "fleet"
asset = "fleet"

[intake]
unknown = "declare"

[rules]
lateness = "60s"

[[source]]
kind = "kafka"
brokers = ["{brokers}"]
topics = ["{topic}"]
group = "{topic}"
start = "earliest"
dead_letter = "{dead}"
device = "vehicle.id"
time = "sent.at"
[source.values]
"data.engine.temperature" = "temperature"
"data.cargo.humidity" = "humidity"
"data.position.0" = "longitude"
"data.position.1" = "latitude"

[[rule]]
name = "critical"
kind = "limit"
series = ["*.temperature"]
high = 80
deadband = 2
on_delay = "15s"
priority = "critical"

[[rule]]
name = "damp"
kind = "limit"
series = ["*.humidity"]
high = 90
low = 20
off_delay = "10s"
priority = "low"

[[rule]]
name = "left-town"
kind = "geofence"
longitude = "longitude"
latitude = "latitude"
area = [[2.2, 48.8], [2.5, 48.8], [2.5, 49.0], [2.2, 49.0]]
"""

BAD = [b"", b"[1]", b'{"vehicle":{"id":"t1"},', None,
       b'{"vehicle":{"id":"t1"},"data":{"engine":{"temperature":"hot"},"cargo":{"humidity":1},'
       b'"position":[2.3,48.9]}}']


class Device:
    def __init__(self, chance, number):
        self.name = f"truck-{number:04d}"
        self.chance = chance
        self.heat = chance.uniform(60, 72)
        self.damp = chance.uniform(50, 70)
        self.place = [chance.uniform(2.25, 2.45), chance.uniform(48.85, 48.95)]

    def message(self, at_ms):
        chance = self.chance
        self.heat += chance.gauss(0, 1.5) + (68 - self.heat) * 0.02
        self.damp += chance.gauss(0, 2.5) + (60 - self.damp) * 0.02
        for axis in (0, 1):
            self.place[axis] += chance.gauss(0, 0.002)
        text = json.dumps({
            "vehicle": {"id": self.name, "line": "north"}, "sent": {"at": at_ms},
            "data": {"engine": {"temperature": round(self.heat, 2), "rpm": 1800},
                     "cargo": {"humidity": round(self.damp, 1)},
                     "position": [round(self.place[0], 5), round(self.place[1], 5)]},
            "battery": 12.7})
        return self.name.encode(), text.encode()


def messages(number, devices=500, seed=7):
    """(key, value) in the order of their arrival: some late, some twice, some no readings; and a
    duplicate or a late one is among those counted."""
    chance = random.Random(seed)
    fleet = [Device(chance, i) for i in range(devices)]
    held, sent, step = [], 0, 0
    while sent < number:
        at_ms = BEGIN_MS + step * EVERY_S * 1000
        for device in fleet:
            if sent >= number:
                return
            made = device.message(at_ms)
            luck = chance.random()
            if luck < 0.01:
                held.append((step + chance.randint(1, 6), made))  # late by up to 30 s
                continue
            yield made
            sent += 1
            if luck > 0.99 and sent < number:
                yield made
                sent += 1
            elif luck > 0.988 and sent < number:
                yield device.name.encode(), chance.choice(BAD)
                sent += 1
        for _, made in [late for late in held if late[0] <= step]:
            if sent < number:
                yield made
                sent += 1
        held = [late for late in held if late[0] > step]
        step += 1
