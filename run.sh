#!/usr/bin/env bash
# Builds Sosie and starts a scenario (by default the wastewater plant), in one command.
#
#   ./run.sh [SCENARIO] [options of `sosie run`]
#
# Installs with apt-get, as root, what the system lacks; without root it says what is missing.
set -euo pipefail
cd "$(dirname "$0")"
. tools/setup.sh

need "${build_packages[@]}"
need_node
build release sosie
exec build/release/sosie run "$@"
