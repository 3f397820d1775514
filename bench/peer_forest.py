#!/usr/bin/env python3
"""peer_forest.py FOREST CALLS: times scikit-learn and the shap package on a forest that Sosie
trained (forest_export), one row a call as a stream brings them, and prints JSON."""
import json
import sys
import time
from pathlib import Path

import numpy as np
import shap
import sklearn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src/detectors/forest/golden"))
from sklearn_forest import read_text  # noqa: E402


def times(call, rows, calls):
    us = []
    for i in range(calls):
        row = rows[i % len(rows)][None, :]
        start = time.perf_counter_ns()
        call(row)
        us.append((time.perf_counter_ns() - start) / 1000)
    p50, p95, p99 = np.percentile(us, [50, 95, 99])
    return {"calls": calls, "mean_us": float(np.mean(us)), "p50_us": p50, "p95_us": p95, "p99_us": p99}


def main():
    model, rows, _, _ = read_text(sys.argv[1])
    calls = int(sys.argv[2])
    explainer = shap.TreeExplainer(model)

    def explained(row):
        model.score_samples(row)
        explainer.shap_values(row, check_additivity=False)

    explained(rows[:1])
    print(json.dumps({
        "scikit_learn": sklearn.__version__, "shap": shap.__version__,
        "features": rows.shape[1], "trees": len(model.estimators_),
        "splits": int(sum((e.tree_.node_count - 1) // 2 for e in model.estimators_)),
        "score": times(model.score_samples, rows, calls),
        "explained": times(explained, rows, calls),
    }))


main()
