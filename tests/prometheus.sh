#!/usr/bin/env bash
# What deploy/ ships for the Sosie at SOSIE_URL, on a real Prometheus and a real Alertmanager.
set -euo pipefail
cd "$(dirname "$0")/.."
promtool test rules tests/deploy/rules_test.yml
[[ -d tests/deploy/node_modules ]] || npm ci --prefix tests/deploy --no-audit --no-fund
node tests/deploy/dashboards.mjs
exec python3 tests/prometheus.py "$SOSIE_URL"
