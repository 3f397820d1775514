#!/usr/bin/env bash
# Trains forests in Sosie and lets scikit-learn and the shap package judge them: score_samples and
# Shapley values must agree to 1e-6. Usage: tests/forest_agreement.sh [BUILD_DIR]. Needs the network
# (or a pip cache) the first time: the venv stays in build/forest-venv.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:-$root/build/release}
golden=$root/src/detectors/forest/golden
venv=$("$golden/venv.sh")
[ -f "$build/build.ninja" ] || cmake --preset release -S "$root" -B "$build" >/dev/null
ninja -C "$build" forest_export >/dev/null
for gaps in 0 1; do
  "$build/forest_export" "$build/forest_$gaps.txt" $gaps
  "$venv/bin/python" -B "$golden/check_agreement.py" "$build/forest_$gaps.txt"
done
