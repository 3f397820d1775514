#!/usr/bin/env bash
# The bindings: installs the Python module from the repository, tries it, and compares Spark's job
# with the program. Needs build/release/sosie, tests/servers.sh install spark, kafka and ferretdb.
set -euo pipefail
cd "$(dirname "$0")/.."
tests/servers.sh install spark
python=${SPARK:-${XDG_CACHE_HOME:-$HOME/.cache}/sosie/spark-3.5.7}/bin/python
export SOSIE_PYTHON=$PWD/build/python-site
rm -rf "$SOSIE_PYTHON"
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$SOSIE_PYTHON" \
  ./bindings/python
PYTHONPATH=$SOSIE_PYTHON "$python" -m unittest discover -v -s bindings/python/tests
python3 -m unittest discover -v -s tests/spark
