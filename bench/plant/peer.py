#!/usr/bin/env python3
"""Runs bsm2-python's BSM1 on an influent from a state that `sosie bsm1 --states` wrote.

  peer.py --loop open|closed --influent FILE --start STATES --step-min 1 --days 14 --from 7

Prints JSON: averages weighted by flow over [from, days], EQI by the benchmark's formula, and CPU
seconds of the steps alone (imports, compilation and the first steps do not count).
"""

import argparse
import csv
import json
import logging
import sys
import time
import warnings

import numpy as np

NAMES = ["SI", "SS", "XI", "XS", "XBH", "XBA", "XP", "SO", "SNO", "SNH", "SND", "XND", "SALK"]
SOLUBLE = ["SI", "SS", "SO", "SNO", "SNH", "SND", "SALK"]  # in the order of the settler's layers
SOLIDS = ["XI", "XS", "XBH", "XBA", "XP", "XND"]
LAYERS = 10


def read_state(path):
    rows = {}
    with open(path, encoding="utf-8") as file:
        titles = next(csv.reader([file.readline()]))
        for row in csv.reader(file):
            rows[row[0]] = {t: float(v) for t, v in zip(titles[1:], row[1:]) if v}
    return rows


def vector(values, flow, celsius):
    y = np.zeros(21)
    for i, name in enumerate(NAMES):
        y[i] = values[name]
    y[13] = 0.75 * sum(values[n] for n in SOLIDS[:-1])
    y[14], y[15] = flow, celsius
    return y


def put_state(plant, rows, first):
    """Reactors, layers, and what flows back in the first step."""
    flow, celsius = first[14], first[15]
    through = flow + 18446 + plant.qintr
    for i in range(1, 6):
        y = vector(rows[f"reactor{i}"], through, celsius)
        getattr(plant, f"reactor{i}").y0 = y.copy()
        setattr(plant, f"y_out{i}", y.copy())
    plant.y_out5_r = plant.y_out5.copy()
    plant.y_out5_r[14] = plant.qintr
    layers = [rows[f"layer{i}"] for i in range(1, LAYERS + 1)]
    state = np.zeros(12 * LAYERS)
    for k, name in enumerate(SOLUBLE + ["TSS"]):
        state[k * LAYERS:(k + 1) * LAYERS] = [layer[name] for layer in layers]
    state[8 * LAYERS:9 * LAYERS] = celsius
    plant.settler.ys0 = state
    share = layers[-1]["TSS"] / plant.y_out5[13]
    bottom = {n: layers[-1][n] for n in SOLUBLE}
    bottom |= {n: share * rows["reactor5"][n] for n in SOLIDS}
    plant.ys_out = vector(bottom, 18446, celsius)


class Loop:
    """A PI loop by the benchmark's law, u = K e + I + offset, dI/dt = K/Ti e + (sat(u) - u)/Tt, in
    place of bsm2-python's, whose integral part is of the last step alone."""

    def __init__(self, of):
        self.of = of
        self.setpoint = of.setpoint
        self.integral = 0.0

    def output(self, signal, step, inject=0):
        of = self.of
        error = of.k * (self.setpoint - signal)
        wanted = error + self.integral + of.offset + inject
        given = min(max(wanted, of.min_value), of.max_value)
        self.integral += step * (error / of.t_i + (given - wanted) / of.t_t)
        return given


def repair(plant):
    """BSM1's closed loop: loops that gather, and 240 1/d in reactors 3 and 4 (there: 201.3)."""
    plant.qintr_pid = Loop(plant.qintr_pid)
    plant.kla5_pid = Loop(plant.kla5_pid)
    plant.kla3_a = plant.kla4_a = 240


def averages(flows, water):
    mean = {n: float(np.sum(flows * water[:, i]) / np.sum(flows)) for i, n in enumerate(NAMES)}
    solids = sum(mean[n] for n in SOLIDS[:-1])
    mean["TSS"] = 0.75 * solids
    mean["COD"] = mean["SI"] + mean["SS"] + solids
    mean["TKN"] = (mean["SNH"] + mean["SND"] + mean["XND"] + 0.08 * (mean["XBH"] + mean["XBA"])
                   + 0.06 * (mean["XP"] + mean["XI"]))
    mean["TN"] = mean["TKN"] + mean["SNO"]
    mean["BOD5"] = 0.25 * (mean["SS"] + mean["XS"] + 0.92 * (mean["XBH"] + mean["XBA"]))
    mean["Qe"] = float(np.mean(flows))
    mean["EQI"] = (2 * mean["TSS"] + mean["COD"] + 30 * mean["TKN"] + 10 * mean["SNO"]
                   + 2 * mean["BOD5"]) * mean["Qe"] / 1000
    return mean


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--loop", choices=["open", "closed"], default="open")
    parser.add_argument("--influent", required=True)
    parser.add_argument("--start", required=True)
    parser.add_argument("--step-min", type=float, default=1)
    parser.add_argument("--repair", action="store_true",
                        help="the closed loop as the benchmark has it")
    parser.add_argument("--days", type=float, default=14)
    parser.add_argument("--from", dest="since", type=float, default=7)
    arguments = parser.parse_args()

    logging.disable(logging.INFO)
    warnings.filterwarnings("ignore")
    from bsm2_python.bsm1_cl import BSM1CL
    from bsm2_python.bsm1_ol import BSM1OL

    with open(arguments.influent, encoding="utf-8") as file:
        rows = [r for r in csv.reader(file) if r]
    if not rows[0][0][:1].isdigit():
        rows = rows[1:]
    data = np.array([[float(v) for v in r] + [0.0] * (22 - len(r)) for r in rows])
    data[:, 0] -= data[0, 0]
    # Its time ends at the last row: that one is held until the end.
    last = data[-1].copy()
    last[0] = arguments.days + 1
    data = np.vstack([data, last])
    step = arguments.step_min / 1440
    if arguments.loop == "open":
        plant = BSM1OL(data_in=data, timestep=step, endtime=arguments.days)
    else:
        plant = BSM1CL(data_in=data, timestep=step, endtime=arguments.days, use_noise=0)
    # A row begins a breath early, so that its time's rounding does not cost a step.
    plant.data_time = plant.data_time - 1e-6
    state = read_state(arguments.start)
    steps = min(int(round(arguments.days / step)), len(plant.timesteps))

    put_state(plant, state, data[0, 1:])
    for i in range(5):  # compiles
        plant.step(i)
    put_state(plant, state, data[0, 1:])
    if arguments.repair:
        repair(plant)
    began = time.process_time()
    for i in range(steps):
        plant.step(i)
    cpu = time.process_time() - began
    since = int(round(arguments.since / step))
    flows = plant.ys_eff_all[since:steps, 14]
    mean = averages(flows, plant.ys_eff_all[since:steps, :13])
    mean |= {"cpu_s": cpu, "days": steps * step, "days_per_cpu_s": steps * step / cpu,
             "finite": bool(np.isfinite(plant.ys_eff_all[:steps]).all())}
    json.dump(mean, sys.stdout)
    print()


if __name__ == "__main__":
    main()
