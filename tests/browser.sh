#!/usr/bin/env bash
# Every page of the Sosie at SOSIE_URL in a real browser; pictures go to build/pictures/.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/pictures
[[ -d ui/node_modules/playwright-core ]] || npm ci --prefix ui --no-audit --no-fund
node tests/ui/pages.mjs "$SOSIE_URL" build/pictures
