#!/usr/bin/env python3
"""compare.py DIR: forest_ours.json beside forest_peer.json; prints a table, writes forest.json."""
import json
import os
import sys
from pathlib import Path

folder = Path(sys.argv[1])
ours = json.loads((folder / "forest_ours.json").read_text())
peer = json.loads((folder / "forest_peer.json").read_text())
same, detector = ours["same_forest"], ours["detector"]
cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
            if line.startswith("model name")), "unknown")
load = os.getloadavg()[0]
ratios = {what: {q: peer[what][q] / same[what][q] for q in ("p50_us", "p95_us")}
          for what in ("score", "explained")}


def line(what, times):
    return f"{what:44}{times['p50_us']:12.2f}{times['p95_us']:12.2f}{times['p99_us']:12.2f}"


print(f"{cpu}, load {load:.1f}; microseconds a call, one row a call")
print(f"{'':44}{'P50':>12}{'P95':>12}{'P99':>12}")
print(f"the same forest: {peer['trees']} trees, {peer['splits']} splits, {peer['features']} features")
print(line("  Sosie: score", same["score"]))
print(line(f"  scikit-learn {peer['scikit_learn']}: score_samples", peer["score"]))
print(line("  Sosie: score and exact TreeSHAP", same["explained"]))
print(line(f"  scikit-learn and shap {peer['shap']}", peer["explained"]))
print(f"ratio at P50: score {ratios['score']['p50_us']:.0f}, explained {ratios['explained']['p50_us']:.0f}")
if load > 1.5:
    print(f"the machine was busy (load {load:.1f}): long calls are interrupted more than short ones, so the "
          "ratios flatter Sosie; measure again when it is idle")
print(f"the detector as a scenario has it: {detector['sensors']} sensors, {detector['splits']} splits")
print(line("  score", detector["score"]))
print(line("  score and exact TreeSHAP", detector["explained"]))
print(line("  look at a frame", detector["look"]))
print(line("  look, explain and report", detector["look_and_tell"]))
print(line("  train on 4096 frames", detector["train"]))
(folder / "forest.json").write_text(json.dumps(
    {"cpu": cpu, "load": load, "ours": ours, "peer": peer, "ratio": ratios}, indent=1) + "\n")
