"""kill -9 at any moment loses no acknowledged reading, and the next start works."""

import http.client
import json
import random
import threading
import time
import unittest

from plain import PUSHED
from sosie import Sosie

ROUNDS = 6


class Kill(unittest.TestCase):
    def send_until_killed(self, sosie, acknowledged, start):
        """Posts numbers as fast as they are acknowledged; remembers those that were."""
        connection = http.client.HTTPConnection("127.0.0.1", sosie.port, timeout=30)
        number = start
        try:
            while True:
                rows = [{"entity": "K", "attribute": "n", "value": n,
                         "time": 1795168800000 + n * 1000} for n in range(number, number + 20)]
                connection.request("POST", "/api/readings", json.dumps(rows))
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    acknowledged.update(range(number, number + 20))
                    number += 20
        except (OSError, http.client.HTTPException):
            pass

    def test_nothing_acknowledged_is_lost(self):
        random.seed(9)
        acknowledged = set()
        sosie = Sosie.of_text(PUSHED)
        for _ in range(ROUNDS):
            sosie.start()
            sender = threading.Thread(target=self.send_until_killed,
                                      args=(sosie, acknowledged, len(acknowledged)))
            sender.start()
            time.sleep(random.uniform(0.05, 0.8))
            sosie.kill()
            sender.join()
        with sosie:
            stored = {int(row[0]) for row in sosie.query(
                "select value from readings where series='K.n' limit 1000000")}
        self.assertGreater(len(acknowledged), 100)
        self.assertEqual(acknowledged - stored, set())


if __name__ == "__main__":
    unittest.main()
