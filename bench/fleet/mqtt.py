"""MQTT in, a rule, MQTT out: what a message costs Sosie, at a fixed rate through a real Mosquitto.

Sender and receiver speak MQTT 3.1.1 themselves (OASIS MQTT 3.1.1, 3): packets are made before the
clock runs, so that twenty thousand a second leave this one thread at their time.
"""

import itertools
import socket
import struct
import sys
import threading
import time

BEGIN_MS = 1_764_000_000_000
BEAT_S = 0.005
PATIENCE_S = 30

SCENARIO = """
name = "mqtt-bench"
[intake]
unknown = "declare"
[store]
readings = {keeps}
[[listener]]
port = {port}
[[rule]]
name = "critical"
kind = "limit"
series = ["*.temperature"]
high = 80
deadband = 2
priority = "critical"
[[source]]
kind = "mqtt"
url = "{url}"
pattern = "fleet/{{entity}}"
qos = {qos}
[source.values]
"data.temperature" = "temperature"
[[sink]]
kind = "mqtt"
url = "{url}"
{out}
early = true
"""
ALARMS = 'alarms = "alarm/${entity}"'
READINGS = ALARMS + '\nreadings = "out/${entity}/${attribute}"'


def length(number):
    """Remaining Length, as 2.2.3 has it."""
    coded = b""
    while True:
        number, low = number >> 7, number & 0x7F
        coded += bytes([low | (0x80 if number else 0)])
        if not number:
            return coded


def text(words):
    return struct.pack("!H", len(words)) + words.encode()


class Connection:
    """One client of the broker, nameless."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        hello = text("MQTT") + b"\x04\x02" + struct.pack("!H", 0) + text("")
        self.socket.sendall(b"\x10" + length(len(hello)) + hello)
        self.stream = self.socket.makefile("rb", 1 << 20)
        self.packet()  # CONNACK

    def packet(self):
        """The next packet's first byte and body; None at the connection's end."""
        first = self.stream.read(1)
        if not first:
            return None
        size, shift = 0, 0
        while True:
            byte = self.stream.read(1)[0]
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return first[0], self.stream.read(size)

    def subscribe(self, topic):
        body = struct.pack("!H", 1) + text(topic) + b"\x00"
        self.socket.sendall(b"\x82" + length(len(body)) + body)
        self.packet()  # SUBACK

    def wait_for_pong(self):
        while packet := self.packet():
            if packet[0] == 0xD0:
                return

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Receiver(threading.Thread):
    """Counts what comes to a topic."""

    def __init__(self, port, topic):
        super().__init__(daemon=True)
        self.connection = Connection(port)
        self.connection.subscribe(topic)
        self.came = 0
        self.start()

    def run(self):
        try:
            while packet := self.connection.packet():
                self.came += packet[0] >> 4 == 3  # PUBLISH
        except (OSError, ValueError, IndexError):
            pass  # closed

    def wait_for(self, number):
        end = time.monotonic() + PATIENCE_S
        while self.came < number and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.2)  # and none more
        return self.came


def published(topic, payload, qos, number):
    body = text(topic) + (struct.pack("!H", number % 65535 + 1) if qos else b"") + payload
    return bytes([0x30 | qos << 1]) + length(len(body)) + body


def packets(message, temperature_of, count, devices, qos):
    for number in range(count):
        device, turn = number % devices, number // devices
        payload = message(device, turn, BEGIN_MS + turn * 1000, temperature_of(device, turn))
        yield published(f"fleet/truck-{device:07d}", payload, qos, number)


def steps_of(temperature_of, count, devices):
    """How many alarms are raised and cleared by so many messages."""
    steps, hot = 0, set()
    for number in range(count):
        device, turn = number % devices, number // devices
        value = temperature_of(device, turn)
        if (value > 80) != (device in hot) and not 78 < value <= 80:
            steps += 1
            hot ^= {device}
    return steps


def send(port, prepared, rate):
    """At `rate` a second, in beats of a few milliseconds. How long it took."""
    connection = Connection(port)
    answered = threading.Thread(target=connection.wait_for_pong, daemon=True)
    answered.start()  # takes the acknowledgements meanwhile
    began = time.monotonic()
    due = began
    remaining = iter(prepared)
    while beat := b"".join(itertools.islice(remaining, round(rate * BEAT_S))):
        time.sleep(max(0.0, due - time.monotonic()))
        connection.socket.sendall(beat)
        due += BEAT_S
    took = time.monotonic() - began
    connection.socket.sendall(b"\xC0\x00")  # PINGREQ: answered once all before it is with the broker
    answered.join(PATIENCE_S)
    connection.close()
    return took


def take(start_sosie, broker, prepared, rate, expected_steps, manner):
    """CPU time of the program from before the first message to after the last alarm."""
    alarms, out = Receiver(broker.port, "alarm/#"), Receiver(broker.port, "out/#")

    def scenario(port):
        return SCENARIO.format(port=port, url=broker.url, **manner)
    with start_sosie(scenario) as sosie:
        time.sleep(1)  # it has subscribed
        began_cpu = sosie.cpu_s()
        took = send(broker.port, prepared, rate)
        messages = len(prepared)
        metrics = sosie.wait_for(messages, PATIENCE_S)
        steps = alarms.wait_for(expected_steps)
        readings_out = messages if "readings" in manner["out"] else 0
        came_out = out.wait_for(readings_out)
        cpu = sosie.cpu_s() - began_cpu
        resident = sosie.resident_mb()
    alarms.connection.close()
    out.connection.close()
    result = {"messages": messages, "rate": messages / took, "cpu_s": cpu,
              "us_per_message": cpu / messages * 1e6,
              "lost_in": messages - metrics["sosie_readings_total"],
              "lost_alarm_steps": expected_steps - steps, "lost_readings_out": readings_out - came_out,
              "resident_mb": resident}
    print(f"{manner} at {rate}/s: {result}", file=sys.stderr)
    return result
