#!/usr/bin/env python3
"""check_agreement.py FILE: puts a forest that Sosie trained into scikit-learn, and compares what
scikit-learn's score_samples and shap's TreeExplainer say with what Sosie says. To 1e-6."""
import sys

import numpy as np
import shap

from sklearn_forest import read_text

model, rows, scores, parts = read_text(sys.argv[1])
theirs = model.score_samples(rows)
explainer = shap.TreeExplainer(model)
score_off = np.abs(theirs - scores).max()
parts_off = np.abs(explainer.shap_values(rows, check_additivity=False) - parts).max()
print(f"{len(rows)} rows of {rows.shape[1]} features, {len(model.estimators_)} trees: score_samples "
      f"differ by at most {score_off:.1e}, Shapley values by {parts_off:.1e}")
sys.exit(0 if len(rows) > 0 and score_off < 1e-6 and parts_off < 1e-6 else 1)
