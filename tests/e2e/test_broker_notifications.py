"""Notifications arrive: of many receivers, after a receiver was down, after Sosie was killed."""

import json
import socket
import unittest

from broker import Broker, Receiver, value_of
from sosie import eventually, free_port

ROOM = {"id": "Room1", "type": "Room", "t": {"value": 0}}


def subscription(url=None, **notification):
    receiver = {"http": {"url": url}} if url else {"events": {}}
    return {"subject": {"entities": [{"idPattern": ".*"}], "condition": {"attrs": ["t"]}},
            "notification": {**receiver, "attrs": ["t"], **notification}}


class Notifications(unittest.TestCase):
    def subscribe(self, broker, body):
        status, answer, answered = broker.send("POST", "/v2/subscriptions", body)
        self.assertEqual(status, 201, answer)
        return answered["Location"].rsplit("/", 1)[1]

    def update(self, broker, value):
        status, _, _ = broker.send("PATCH", "/v2/entities/Room1/attrs", {"t": {"value": value}})
        self.assertEqual(status, 204)

    def test_a_receiver_that_was_down_gets_what_it_missed_also_after_a_kill(self):
        port = free_port()
        broker = Broker()
        try:
            broker.start()
            broker.send("POST", "/v2/entities", ROOM)
            identity = self.subscribe(broker, subscription(f"http://127.0.0.1:{port}/notify"))
            for value in range(1, 6):
                self.update(broker, value)
            broker.kill()
            broker.start()
            self.update(broker, 6)
            with Receiver(port) as receiver:
                got = [value_of(receiver.next(), "t") for _ in range(6)]
                self.assertEqual(got, [1, 2, 3, 4, 5, 6])
                self.update(broker, 7)
                self.assertEqual(value_of(receiver.next(), "t"), 7)

            def settled():
                _, told, _ = broker.send("GET", f"/v2/subscriptions/{identity}")
                return told["notification"] if "lastSuccess" in told["notification"] else None

            told = eventually(settled, "its success is told")
            self.assertEqual(told["timesSent"], 7)
            eventually(lambda: broker.query("select count(*) from outbox")[0][0] == 0,
                       "the outbox is empty")
        finally:
            broker.kill()

    def test_dead_and_slow_receivers_delay_nobody(self):
        with Broker("-httpTimeout", "30000") as broker, Receiver() as receiver, \
                socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(512)  # takes connections, and never says a word
            broker.send("POST", "/v2/entities", ROOM)
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            for _ in range(100):
                self.subscribe(broker, subscription(url))
            self.subscribe(broker, subscription(receiver.url))
            for value in range(1, 21):
                self.update(broker, value)
            self.assertEqual([value_of(receiver.next(5), "t") for _ in range(20)],
                             list(range(1, 21)))

    def test_deleted_subscriptions_are_forgotten(self):
        with Broker() as broker:
            broker.send("POST", "/v2/entities", ROOM)
            identity = self.subscribe(broker, subscription(f"http://127.0.0.1:{free_port()}/"))
            self.update(broker, 1)
            self.assertEqual(broker.query("select count(*) from outbox")[0][0], 1)
            self.assertEqual(broker.send("DELETE", f"/v2/subscriptions/{identity}")[0], 204)
            eventually(lambda: broker.query("select count(*) from outbox")[0][0] == 0,
                       "the outbox is empty", 30)


class Events(unittest.TestCase):
    subscribe = Notifications.subscribe
    update = Notifications.update

    def watch(self, broker, identity, last=None):
        connection = socket.create_connection(("127.0.0.1", broker.port), timeout=20)
        resume = f"Last-Event-ID: {last}\r\n" if last is not None else ""
        connection.sendall(f"GET /v2/subscriptions/{identity}/events HTTP/1.1\r\n"
                           f"Host: localhost\r\n{resume}\r\n".encode())
        stream = connection.makefile(encoding="utf-8")
        connection.close()  # when the stream is
        return stream

    def next_event(self, stream):
        """Number and data of the next one."""
        number = None
        for line in stream:
            if line.startswith("id: "):
                number = int(line[4:])
            if line.startswith("data: "):
                return number, json.loads(line[6:])
        raise AssertionError("the stream ended")

    def test_watching_and_coming_back(self):
        broker = Broker()
        try:
            broker.start()
            broker.send("POST", "/v2/entities", ROOM)
            identity = self.subscribe(broker, subscription())
            with self.watch(broker, identity) as stream:
                self.assertIn("200", stream.readline())
                stream.readline()
                while not stream.readline().startswith(": here"):
                    pass
                self.update(broker, 1)
                number, data = self.next_event(stream)
                self.assertEqual(value_of(data, "t"), 1)
            for value in (2, 3):
                self.update(broker, value)
            broker.kill()
            broker.start()
            self.update(broker, 4)
            with self.watch(broker, identity, number) as stream:
                seen = [self.next_event(stream) for _ in range(3)]
            self.assertEqual([value_of(data, "t") for _, data in seen], [2, 3, 4])
            self.assertEqual(len({number, *(n for n, _ in seen)}), 4)
        finally:
            broker.kill()

    def test_what_is_not_there(self):
        with Broker() as broker:
            for path in ("/v2/subscriptions/0123456789abcdef01234567/events",
                         "/v2/subscriptions/nonsense/events"):
                status, body, _ = broker.send("GET", path)
                self.assertIn(status, (400, 404))
                self.assertIn("error", body)
            identity = self.subscribe(broker, subscription())
            status, body, _ = broker.send("GET", f"/v2/subscriptions/{identity}/events", None,
                                          {"Last-Event-ID": "x'y"})
            self.assertEqual((status, body["description"]),
                             (400, "Last-Event-ID &#39;x&#39;y&#39; is none of ours"))

    def test_by_web_socket(self):
        with Broker() as broker:
            broker.send("POST", "/v2/entities", ROOM)
            identity = self.subscribe(broker, subscription())

            def open_socket(more=""):
                connection = socket.create_connection(("127.0.0.1", broker.port), timeout=20)
                connection.sendall(
                    f"GET /v2/subscriptions/{identity}/events HTTP/1.1\r\nHost: localhost\r\n"
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n".encode())
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += connection.recv(1)
                return connection, head.decode()

            connection, head = open_socket()
            with connection:
                self.assertTrue(head.startswith("HTTP/1.1 101 "))
                self.assertIn("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head)  # RFC 6455, 1.3
                self.update(broker, 5)
                frame = connection.makefile("rb")
                kind, size = frame.read(2)
                if size == 126:
                    size = int.from_bytes(frame.read(2), "big")
                message = json.loads(frame.read(size))
                self.assertEqual((kind, value_of(message["notification"], "t")), (0x81, 5))
                connection.sendall(b"\x89\x80\0\0\0\0")  # a ping
                self.assertEqual(frame.read(2), b"\x8a\x00")
                connection.sendall(b"\x88\x80\0\0\0\0")  # farewell
                self.assertEqual(frame.read(1), b"\x88")
            connection, head = open_socket("Origin: http://elsewhere\r\n")
            connection.close()
            self.assertTrue(head.startswith("HTTP/1.1 403 "))


if __name__ == "__main__":
    unittest.main()
