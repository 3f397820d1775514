#!/usr/bin/env bash
# Builds Sosie and starts a scenario (by default the wastewater plant), in one command.
#
#   ./run.sh [SCENARIO] [options of `sosie run`]     a file, or a folder's name in scenarios/
#
# Installs with apt-get, as root, what the system lacks; without root it says what is missing.
set -euo pipefail
cd "$(dirname "$0")"
. tools/setup.sh

need "${build_packages[@]}"
need_node
build release sosie
if [[ $# -gt 0 && -f scenarios/$1/$1.toml ]]; then
  set -- "scenarios/$1/$1.toml" "${@:2}"
fi
exec build/release/sosie run "$@"
