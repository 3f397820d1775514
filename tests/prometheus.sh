#!/usr/bin/env bash
# What deploy/ ships for the Sosie at SOSIE_URL, on a real Prometheus and a real Alertmanager.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 tests/prometheus.py "$SOSIE_URL"
