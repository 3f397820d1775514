"""The cases beside this file against a real program: `python3 -m unittest discover -s tests/ngsi`,
or with `-k notifications` those of one folder. SOSIE names the binary."""

import time
import unittest
from pathlib import Path

from broker import Broker, Receiver
from case_file import agree, difference, filled, read_case

HERE = Path(__file__).resolve().parent
QUIET_S = 0.3  # how long nothing must come where a case says that nothing comes
SETTLE_S = 5   # how long counters of a notification may take


class Run:
    """One case against one broker."""

    def __init__(self, test, broker, receiver):
        self.test, self.broker, self.receiver = test, broker, receiver
        self.caught = {"receiver": receiver.address}

    def step(self, step):
        if step.sent.first == "NOTIFICATION none":
            time.sleep(QUIET_S)
            self.test.assertTrue(self.receiver.is_empty(), "a notification came")
        elif step.sent.first == "NOTIFICATION":
            self.notification(step.expected)
        else:
            self.exchange(step)

    def exchange(self, step):
        """Reads are repeated for a while: the counters of a notification move when its receiver
        has answered, which may be after the answer to what triggered it."""
        patience = time.monotonic() + (SETTLE_S if step.sent.first.startswith("GET /v2/sub") else 0)
        while True:
            found = self.difference_of(step)
            if not found or time.monotonic() > patience:
                break
            time.sleep(0.05)
        self.test.assertIsNone(found, step.sent.first)

    def difference_of(self, step):
        method, _, target = step.sent.first.partition(" ")
        body = filled(step.sent.body, self.caught).encode()
        headers = [(name, filled(value, self.caught)) for name, value in step.sent.headers
                   if (name, value) != ("Content-Length", "none")]
        if body and "Content-Length" not in dict(step.sent.headers):
            headers.append(("Content-Length", str(len(body))))
        answer = self.broker.ask(method, filled(target, self.caught), headers, body)
        if str(answer[0]) != step.expected.first:
            return f"status {answer[0]}, not {step.expected.first}: {answer[2]}"
        return self.headers_and_body(step.expected, answer[1], answer[2])

    def headers_and_body(self, expected, headers, body):
        for name, value in expected.headers:
            got = headers.get(name)
            if (got is not None) if value == "none" else not agree(value, got or "", self.caught):
                return f"{name}: {got!r}, not {value!r}"
        return difference(expected.body, body, self.caught) if expected.body else None

    def notification(self, expected):
        message = self.receiver.take(
            lambda method, path: agree(expected.first, f"{method} {path}", self.caught))
        self.test.assertIsNotNone(message, f"{expected.first} did not come")
        _, _, headers, body = message
        self.test.assertIsNone(self.headers_and_body(expected, headers, body), expected.first)


def test_of(path):
    def test(self):
        case = read_case(path.read_text(encoding="utf-8"))
        if case.needs_a_turned_clock or case.needs_mqtt:
            self.skipTest("runs in the process only: test_twin_broker")
        with Receiver() as receiver, Broker(case.options) as broker:
            run = Run(self, broker, receiver)
            for step in case.steps:
                with self.subTest(line=step.line):
                    run.step(step)

    return test


class Conformance(unittest.TestCase):
    """One test a file, named folder_file."""


for case_path in sorted(HERE.glob("*/*.txt")):
    setattr(Conformance, f"test_{case_path.parent.name}_{case_path.stem}", test_of(case_path))

if __name__ == "__main__":
    unittest.main()
