"""Reads the cases beside this file and compares answers with them. README.md says how they are
written; src/twin/broker/case_file_test.cc does the same in C++."""

import json
import re
from dataclasses import dataclass, field

KINDS = {
    "id": r"[0-9a-fA-F]{24}",
    "date": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "number": r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?",
    "any": r".*",
}


@dataclass
class Message:
    first: str = ""
    headers: list = field(default_factory=list)  # (name, value)
    body: str = ""


@dataclass
class Step:
    line: int
    sent: Message
    expected: Message


@dataclass
class Case:
    options: list
    steps: list

    @property
    def needs_a_turned_clock(self):
        return any(step.sent.first.startswith("ADVANCE") for step in self.steps)

    @property
    def needs_mqtt(self):
        return any(step.expected.first.startswith("MQTT") for step in self.steps)


def read_message(text):
    message = Message()
    lines = text.split("\n")
    while lines and not message.first:
        line = lines.pop(0).strip()
        if not line.startswith("#"):
            message.first = line
    while lines and lines[0].strip():
        name, _, value = lines.pop(0).partition(":")
        message.headers.append((name.strip(), value.strip()))
    message.body = "\n".join(lines).strip()
    return message


def read_case(text):
    options, kept, numbers = [], [], []
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("options:"):
            options = line[len("options:"):].split()
        else:
            kept.append(line)
            numbers.append(number)
    steps, part, begin = [], [], 0
    for i, line in enumerate([*kept, "===="]):
        if line != "====":
            part.append(line)
            continue
        sent, _, expected = "\n".join(part).partition("\n----\n")
        message = read_message(sent.removesuffix("\n----"))
        if message.first:
            steps.append(Step(numbers[begin] if begin < len(numbers) else 0, message,
                              read_message(expected)))
        part, begin = [], i + 1
    return Case(options, steps)


def filled(text, caught):
    for name, value in caught.items():
        text = text.replace(f"<{name}>", value)
    return text


def agree(expected, actual, caught):
    """Whether a text is what a template says; what it names is caught."""
    pattern, names = "", []
    for part in re.split(r"(<[^<>]+>)", filled(expected, caught)):
        mark = part[1:-1] if part.startswith("<") and part.endswith(">") else None
        name, _, kind = (mark or "").rpartition(":")
        if mark and kind in KINDS:
            pattern += f"({KINDS[kind]})" if name else f"(?:{KINDS[kind]})"
            names += [name] if name else []
        else:
            pattern += re.escape(part)
    found = re.fullmatch(pattern, actual, re.DOTALL)
    if found:
        caught.update(zip(names, found.groups()))
    return bool(found)


def as_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def compare(where, expected, actual, caught):
    """Where two values differ; None: they agree."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        if expected.keys() != actual.keys():
            return f"{where}: members {sorted(expected)} but got {sorted(actual)}"
        return next((d for key in expected
                     if (d := compare(f"{where}.{key}", expected[key], actual[key], caught))), None)
    if isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            return f"{where}: {len(expected)} items but got {len(actual)}"
        return next((d for i, item in enumerate(expected)
                     if (d := compare(f"{where}[{i}]", item, actual[i], caught))), None)
    if isinstance(expected, str):
        text = actual if isinstance(actual, str) else json.dumps(actual)
        if (isinstance(actual, str) or "<" in expected) and agree(expected, text, caught):
            return None
    elif type(expected) is type(actual) or not isinstance(expected, bool) | isinstance(actual, bool):
        if expected == actual:
            return None
    return f"{where}: expected {expected!r} but got {actual!r}"


def difference(expected, actual, caught):
    """The same for two bodies, JSON or not."""
    if expected == "(empty)":
        return f"expected no body but got {actual!r}" if actual else None
    wanted, got = as_json(expected), as_json(actual)
    if wanted is not None and got is not None:
        return compare("body", wanted, got, caught)
    return None if agree(expected, actual, caught) else f"expected {expected!r} but got {actual!r}"
