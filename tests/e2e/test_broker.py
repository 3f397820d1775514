"""`sosie broker`: starts like Orion, keeps what it acknowledged, also when it is killed."""

import http.client
import json
import random
import socket
import threading
import time
import unittest

from broker import Broker
from sosie import run

ROUNDS = 6
CLIENTS = 8
ROOM = {"id": "Room1", "type": "Room", "temperature": {"value": 23.5}, "name": {"value": "attic"}}


class Start(unittest.TestCase):
    def test_orions_spelling(self):
        with Broker("-multiservice", "-corsOrigin", "__ALL", "-corsMaxAge", "600", "-httpTimeout",
                    "2000", "-inReqPayloadMaxSize", "2000", "-noCache", "-statTiming",
                    "-subCacheIval", "60", "-logLevel", "DEBUG", "-fg") as broker:
            for tenant in ("one", "two"):
                status, _, _ = broker.send("POST", "/v2/entities", {**ROOM, "id": tenant},
                                           {"Fiware-Service": tenant})
                self.assertEqual(status, 201)
            _, found, answered = broker.send("GET", "/v2/entities?options=keyValues", None,
                                             {"Fiware-Service": "two", "Origin": "http://page"})
            self.assertEqual([entity["id"] for entity in found], ["two"])
            self.assertEqual(answered["Access-Control-Allow-Origin"], "*")
            status, body, _ = broker.send("POST", "/v2/entities",
                                          {**ROOM, "name": {"value": "x" * 2000}})
            self.assertEqual((status, body["error"]), (413, "RequestEntityTooLarge"))
            self.assertIn("--noCache is an option of Orion's", broker.said())

    def test_a_taken_port_is_an_error_and_no_other_is_tried(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = run("broker", "--port", taken.getsockname()[1], "--data", "/nonexistent/x",
                       check=False)
            self.assertNotEqual(done.returncode, 0)

    def test_beyond_this_machine_only_with_protection(self):
        done = run("broker", "--address", "0.0.0.0", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("insecure", done.stderr)

    def test_an_unknown_option_is_an_error(self):
        self.assertEqual(run("broker", "-multiservices", check=False).returncode, 2)


class Carriage(unittest.TestCase):
    """HTTP as clients do it: what the broker never sees."""

    def ask(self, broker, text):
        with socket.create_connection(("127.0.0.1", broker.port), timeout=20) as connection:
            connection.sendall(text.encode())
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        return answer.decode()

    def test_bad_http(self):
        with Broker() as broker:
            bare = "Host: localhost\r\nConnection: close\r\n"
            head = bare + "Content-Type: application/json\r\n"
            cases = [
                ("GET /v2/entities HTTP/1.1\r\n" + bare + "\r\n", "200"),
                ("GET /nothing HTTP/1.1\r\n" + bare + "\r\n", "400"),
                ("PUT /v2/entities HTTP/1.1\r\n" + head + "Content-Length: 2\r\n\r\n{}", "405"),
                ("POST /v2/entities HTTP/1.1\r\n" + head + "\r\n", "411"),
                ("POST /v2/entities HTTP/1.1\r\n" + head + "Content-Length: 9999999\r\n\r\n", "413"),
                ("NONSENSE\r\n\r\n", "400"),
                ("GET /v2 HTTP/1.1\r\n" + bare + "X: " + "y" * 20000 + "\r\n\r\n", "431"),
                ("GET http://elsewhere/v2 HTTP/1.1\r\nHost: elsewhere\r\nConnection: close\r\n\r\n",
                 "4"),
            ]
            for text, status in cases:
                with self.subTest(text[:60]):
                    self.assertTrue(self.ask(broker, text).startswith("HTTP/1.1 " + status))
            # Cut short: the connection just ends, and nobody is the worse for it.
            with socket.create_connection(("127.0.0.1", broker.port)) as cut:
                cut.sendall(b"POST /v2/entities HTTP/1.1\r\nHost: localhost\r\n"
                            b"Content-Length: 100\r\n\r\n{")
            self.assertEqual(broker.send("GET", "/v2/entities")[0], 200)

    def test_a_connection_is_kept_and_requests_may_be_many(self):
        with Broker() as broker:
            connection = http.client.HTTPConnection("127.0.0.1", broker.port, timeout=20)
            for number in range(50):
                connection.request("POST", "/v2/entities", json.dumps({"id": f"E{number}"}),
                                   {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, 201)
            connection.close()
            _, found, _ = broker.send("GET", "/v2/entities?limit=100&options=keyValues")
            self.assertEqual([entity["id"] for entity in found], [f"E{n}" for n in range(50)])


class Kill(unittest.TestCase):
    def write_until_killed(self, broker, client, acknowledged):
        """Counts an entity of its own up; remembers what was acknowledged last."""
        connection = http.client.HTTPConnection("127.0.0.1", broker.port, timeout=30)
        headers = {"Content-Type": "application/json"}
        try:
            while True:
                number = acknowledged[client] + 1
                body = json.dumps({"id": f"K{client}", "type": "K", "n": number, "text": f"#{number}"})
                connection.request("POST", "/v2/entities?options=upsert,keyValues", body, headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status // 100 == 2:
                    acknowledged[client] = number
        except (OSError, http.client.HTTPException):
            connection.close()

    def test_nothing_acknowledged_is_lost(self):
        random.seed(4)
        acknowledged = [0] * CLIENTS
        broker = Broker()
        try:
            for _ in range(ROUNDS):
                broker.start()
                writers = [threading.Thread(target=self.write_until_killed,
                                            args=(broker, client, acknowledged))
                           for client in range(CLIENTS)]
                for writer in writers:
                    writer.start()
                time.sleep(random.uniform(0.1, 0.6))
                broker.kill()
                for writer in writers:
                    writer.join()
                broker.start()
                self.check(broker, acknowledged)
                broker.kill()
            self.assertGreater(sum(acknowledged), 100)
        finally:
            broker.kill()

    def check(self, broker, acknowledged):
        _, found, _ = broker.send("GET", "/v2/entities?limit=100&options=keyValues")
        there = {entity["id"]: entity for entity in found}
        for client, number in enumerate(acknowledged):
            if number == 0:
                continue
            entity = there[f"K{client}"]
            # The last write may have been kept and its answer lost.
            self.assertIn(entity["n"], (number, number + 1))
            self.assertEqual(entity["text"], f"#{entity['n']}")
            acknowledged[client] = entity["n"]

    def test_after_a_kill_each_attribute_is_as_it_was_with_its_times(self):
        """Whose numbers alone have changed, whose text, whose metadata; in tenants and paths."""
        every = "attrs=*,dateCreated,dateModified&metadata=*,dateCreated,dateModified"
        places = [{}, {"Fiware-Service": "acme", "Fiware-ServicePath": "/lab/one"}]
        broker = Broker()
        try:
            broker.start()
            for headers in places:
                self.assertEqual(broker.send("POST", "/v2/entities", ROOM, headers)[0], 201)
                for number, attrs in enumerate([
                        {"temperature": {"value": 24.125}},
                        {"temperature": {"value": 24.125}},  # again the same
                        {"temperature": {"value": 25, "metadata": {"of": {"value": "x"}}}},
                        {"temperature": {"value": 26}},
                        {"name": {"value": "cellar"}},
                        {"temperature": {"value": 27}, "humidity": {"value": 40}},
                        {"humidity": {"value": 1e-300}},
                        {"humidity": {"value": "wet"}},
                        {"humidity": {"value": 41.5}},
                        {"humidity": {"value": 42.5}},
                        {"temperature": {"value": 28, "type": "Celsius"}},
                        {"temperature": {"value": 29, "type": "Celsius"}}]):
                    status = broker.send("POST", "/v2/entities/Room1/attrs", attrs, headers)[0]
                    self.assertEqual(status, 204, number)
            before = [broker.send("GET", f"/v2/entities/Room1?{every}", None, headers)[1]
                      for headers in places]
            for _ in range(2):
                broker.kill()
                broker.start()
                after = [broker.send("GET", f"/v2/entities/Room1?{every}", None, headers)[1]
                         for headers in places]
                self.assertEqual(after, before)
            self.assertEqual(broker.send("DELETE", "/v2/entities/Room1/attrs/humidity")[0], 204)
            broker.kill()
            broker.start()
            self.assertNotIn("humidity", broker.send("GET", "/v2/entities/Room1")[1])
        finally:
            broker.kill()

    def test_numbers_are_readings_and_deleted_is_deleted(self):
        broker = Broker()
        try:
            broker.start()
            self.assertEqual(broker.send("POST", "/v2/entities", ROOM)[0], 201)
            self.assertEqual(broker.send("POST", "/v2/entities", {**ROOM, "id": "Room2"})[0], 201)
            for value in (24, 25.25):
                status, _, _ = broker.send("PATCH", "/v2/entities/Room1/attrs",
                                           {"temperature": {"value": value}})
                self.assertEqual(status, 204)
            self.assertEqual(broker.send("DELETE", "/v2/entities/Room2")[0], 204)
            broker.kill()
            values = broker.query("select value from readings where series = 'Room1.temperature' "
                                  "order by t")
            self.assertEqual([row[0] for row in values], [23.5, 24, 25.25])
            broker.start()
            _, found, _ = broker.send("GET", "/v2/entities?options=keyValues")
            self.assertEqual(found, [{"id": "Room1", "type": "Room", "temperature": 25.25,
                                      "name": "attic"}])
        finally:
            broker.kill()


if __name__ == "__main__":
    unittest.main()
