#!/usr/bin/env python3
"""What `sosie evaluate --input` reaches on the public recordings that are in this repository, with
its defaults: the tables of docs/evaluate.md.

  tests/detection/public_sets.py [--sosie build/release/sosie] [--nab FOLDER] [--gecco FILE]

GECCO 2018: learned from the first 30 % of the rows, judged on the rest. NAB: learned from the first
15 % of a file, at most 750 rows, which NAB does not score either; profile "standard". Two ways of
detecting are scored: the first row of each alarm, as Sosie tells it, and NAB's own, each row whose
score reaches a threshold that is chosen afterwards, one for all files.
"""

import argparse
import csv
import datetime
import json
import math
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FALSE_POSITIVE = 0.11


def evaluate(sosie, table, rows, scores, *more):
    done = subprocess.run([sosie, "evaluate", "--input", table, "--train-rows", str(rows),
                           "--scores", scores, "--json", *more], check=True, capture_output=True,
                          text=True)
    return json.loads(done.stdout)


def rows_in(path):
    with open(path, encoding="utf-8") as file:
        return sum(1 for _ in file) - 1


def gecco(sosie, table, folder):
    report = evaluate(sosie, table, int(0.3 * rows_in(table)), folder / "gecco.csv", "--time",
                      "Time", "--label", "EVENT")
    print(f"GECCO 2018: {report['rows'] - report['learned_rows']} rows judged, "
          f"{report['events']} events\n")
    floors = ["always", "metronome", "random", "clock"]
    print("| figure | Sosie | 95 % | " + " | ".join(floors) + " |")
    print("|---|---|---|" + "---|" * len(floors))

    def text(value):
        return "–" if value is None else f"{value:.3f}"

    for name, figure in report["figures"].items():
        if figure is None or name in ("nab", "change_nab"):
            continue
        interval = "" if figure["low"] is None else f"{figure['low']:.3f} to {figure['high']:.3f}"
        print(f"| {name} | {figure['value']:.3f} | {interval} | "
              + " | ".join(text(report["floors"][floor][name]) for floor in floors) + " |")


def sigmoid(x):
    return -1.0 if x > 3 else 2 / (1 + math.exp(5 * x)) - 1


def worths(times, windows, learned):
    """(row, window or None, what a detection there is worth), by NAB's rules."""
    places = []
    for begin, end in windows:
        within = [i for i, at in enumerate(times) if begin <= at <= end]
        places.append((within[0], within[-1]))
    for i in range(learned, len(times)):
        inside = next((k for k, (a, b) in enumerate(places) if a <= i <= b), None)
        if inside is not None:
            a, b = places[inside]
            yield i, inside, sigmoid(-(b - i + 1) / (b - a + 1)) / sigmoid(-1)
            continue
        passed = [(a, b) for a, b in places if b < i]
        worth = -1.0 if not passed else sigmoid((i - passed[-1][1]) / (passed[-1][1] - passed[-1][0]))
        yield i, None, FALSE_POSITIVE * worth


def best_threshold(detections, windows):
    """The highest score that any threshold gives. `detections`: (score, window, worth)."""
    detections.sort(key=lambda detection: -detection[0])
    raw = best = -windows
    found = {}
    for k, (score, window, worth) in enumerate(detections):
        if window is None:
            raw += worth
        else:
            raw += max(0, worth - found.get(window, -1))
            found[window] = max(worth, found.get(window, -1))
        is_last = k + 1 == len(detections) or detections[k + 1][0] != score
        best = max(best, raw) if is_last else best
    return 100 * (best + windows) / (2 * windows)


def nab(sosie, data, folder):
    labels = json.loads((data / "windows.json").read_text(encoding="utf-8"))
    moment = datetime.datetime.fromisoformat
    raw = 0
    windows = 0
    detections = []
    print("| file | windows | alarms | score |\n|---|---|---|---|")
    for name, spans in labels.items():
        if not (data / name).exists():
            print(f"| {name} | {len(spans)} | not here | |")
            continue
        learned = min(int(0.15 * rows_in(data / name)), 750)
        report = evaluate(sosie, data / name, learned, folder / name, "--time", "timestamp",
                          "--windows", data / "windows.json")
        score = report["figures"]["nab"]
        print(f"| {name} | {len(spans)} | {report['episodes']} | "
              + ("–" if score is None else f"{score['value']:.1f}") + " |")
        raw += report["nab_raw"]
        windows += len(spans)
        with open(folder / name, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        times = [moment(row["time"]) for row in rows]
        for i, window, worth in worths(times, [(moment(a), moment(b)) for a, b in spans], learned):
            detections.append((float(rows[i]["score"]), window if window is None else (name, window),
                               worth))
    print(f"\nNAB, all files, first row of each alarm: {100 * (raw + windows) / (2 * windows):.1f}")
    print(f"NAB, all files, by its own threshold: {best_threshold(detections, windows):.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sosie", default=ROOT / "build/release/sosie")
    parser.add_argument("--nab", type=Path, default=ROOT / "scenarios/nab/data")
    parser.add_argument("--gecco", type=Path,
                        default=ROOT / "scenarios/gecco2018/data/water_quality.csv")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        gecco(options.sosie, options.gecco, Path(folder))
        print()
        nab(options.sosie, options.nab, Path(folder))


if __name__ == "__main__":
    main()
