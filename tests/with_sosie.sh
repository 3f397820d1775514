#!/usr/bin/env bash
# Starts the plant as people do, in a folder of its own, and runs a script with SOSIE_URL set.
#
#   tests/with_sosie.sh SCRIPT [ARG…]
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${SOSIE:-build/release/sosie}
folder=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$binary" run scenarios/traffeyere/traffeyere.toml --data "$folder" --port "$port" >"$folder/log" 2>&1 &
pid=$!
trap 'kill -INT $pid 2>/dev/null; wait $pid; rm -rf "$folder"' EXIT
export SOSIE_URL=http://127.0.0.1:$port
for _ in $(seq 600); do
  grep -q 'Ctrl-C ends it' "$folder/log" && break
  kill -0 $pid 2>/dev/null || { cat "$folder/log"; exit 1; }
  sleep 0.2
done
"$@"
