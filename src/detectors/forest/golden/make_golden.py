#!/usr/bin/env python3
"""Writes sklearn_forest.txt: a forest of scikit-learn's, with its score_samples and the shap
package's values for some rows. In a venv with requirements.txt:

    python make_golden.py

Some rows are put on thresholds, and on the floats beside them, where rounding would show.
"""
from pathlib import Path

import numpy as np
import shap
from sklearn.ensemble import IsolationForest

from sklearn_forest import write_forest

FEATURES, ROWS = 40, 60


def process(rng, n):
    """Sensors that share five drivers, two of them skewed, one coarsely rounded."""
    values = rng.normal(size=(n, 5)) @ rng.normal(size=(5, FEATURES)) + rng.normal(size=(n, FEATURES))
    values[:, 3] = np.exp(values[:, 3])
    values[:, 7] = np.exp(0.5 * values[:, 7]) * 1e4
    values[:, 11] = np.round(values[:, 11])
    return values.astype(np.float32)


def on_thresholds(rng, model, row):
    """The row, moved to the very thresholds it meets at the roots of some trees."""
    moved = row.copy()
    for estimator in rng.choice(model.estimators_, 12, replace=False):
        tree = estimator.tree_
        at = np.float32(tree.threshold[0])
        moved[tree.feature[0]] = rng.choice(
            [at, np.nextafter(at, np.float32(-np.inf)), np.nextafter(at, np.float32(np.inf))])
    return moved


def main():
    rng = np.random.default_rng(20261120)
    model = IsolationForest(n_estimators=50, max_samples=256, random_state=7).fit(process(rng, 2000))
    rows = process(rng, ROWS)
    rows[20:40] = [on_thresholds(rng, model, row) for row in rows[20:40]]
    for i in range(40, 60):
        rows[i, rng.integers(FEATURES, size=3)] *= np.float32(20)
    scores = model.score_samples(rows)
    parts = shap.TreeExplainer(model).shap_values(rows, check_additivity=False)
    with open(Path(__file__).parent / "sklearn_forest.txt", "w", encoding="ascii") as out:
        write_forest(model, out)
        for row, score, part in zip(rows, scores, parts):
            print("row", repr(float(score)), file=out)
            print(*row, file=out)
            print(*[f"{value:.9f}" for value in part], file=out)


main()
