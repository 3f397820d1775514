#!/usr/bin/env python3
"""Learns the weights of src/diagnosis/verdict.cc from outputs of `measure --clues`, and checks them.

    fit_verdict.py LEARN... --check FILE...

A multinomial logistic regression, L2-regularized; "unknown" (a finding on no label) is the class
whose points are 0. Each finding counts with what was known when it opened and when it closed.
Prints the table, and of the files to check: how often the kind is right, and of each range of
confidence how often it was (a reliability table). Deterministic; needs nothing but Python.
"""
import math
import random
import sys

KINDS = ["sensor_failure", "sensor_drift", "pollution_peak", "process_malfunction", "cyber_attack",
         "unknown"]
LEAST = 0.25  # verdict.cc: below it a cause is not named
RIDGE = 0.001
EPOCHS = 60


def samples(path):
    first, last, truth = {}, {}, {}
    for line in open(path, encoding="utf-8"):
        if ": clues " in line:
            head, numbers = line.split(": clues ")
            key = head.split("finding ")[1]
            clues = [float(x) for x in numbers.split()]
            first.setdefault(key, clues)
            last[key] = clues
        elif line.startswith("truth "):
            truth[line.split()[1]] = KINDS.index(line.split()[2])
    return [(clues[key], truth[key]) for clues in (first, last) for key in truth if key in clues]


def chances(weights, clues):
    points = [sum(w * c for w, c in zip(row, clues)) for row in weights] + [0.0]
    top = max(points)
    parts = [math.exp(p - top) for p in points]
    whole = sum(parts)
    return [p / whole for p in parts]


def learn(data):
    width = len(data[0][0])
    weights = [[0.0] * width for _ in KINDS[:-1]]
    squares = [[1e-3] * width for _ in KINDS[:-1]]
    chance = random.Random(1)
    for _ in range(EPOCHS):
        chance.shuffle(data)
        for clues, kind in data:
            found = chances(weights, clues)
            for k, row in enumerate(weights):
                off = found[k] - (1.0 if k == kind else 0.0)
                for i, c in enumerate(clues):
                    slope = off * c + RIDGE * row[i]
                    squares[k][i] += slope * slope
                    row[i] -= 0.1 * slope / math.sqrt(squares[k][i])
    return weights


def check(weights, data):
    bins = [[0, 0, 0.0] for _ in range(5)]
    right = 0
    by_kind = {k: [0, 0] for k in KINDS}
    for clues, kind in data:
        found = chances(weights, clues)
        said = max(range(len(KINDS) - 1), key=lambda k: found[k])
        if found[said] < LEAST:
            said = len(KINDS) - 1
        right += said == kind
        by_kind[KINDS[kind]][0] += 1
        by_kind[KINDS[kind]][1] += said == kind
        one = bins[min(int(found[said] * 5), 4)]
        one[0] += 1
        one[1] += said == kind
        one[2] += found[said]
    print(f"checked {len(data)}: right {right / len(data):.3f}")
    for kind, (count, hits) in by_kind.items():
        print(f"  {kind:20} {hits} of {count}")
    for i, (count, hits, confidence) in enumerate(bins):
        if count:
            print(f"  confidence {i / 5:.1f}..{(i + 1) / 5:.1f}: {count:4} said, mean "
                  f"{confidence / count:.2f}, right {hits / count:.2f}")


def main():
    files = sys.argv[1:]
    cut = files.index("--check") if "--check" in files else len(files)
    data = [s for f in files[:cut] for s in samples(f)]
    checked = [s for f in files[cut + 1:] for s in samples(f)]
    weights = learn(data)
    print(f"learned from {len(data)}")
    for row in zip(*weights):
        print("{" + ", ".join(f"{w:5.1f}" for w in row) + "}")
    if checked:
        check([[round(w, 1) for w in row] for row in weights], checked)


if __name__ == "__main__":
    main()
