# What run.sh and test.sh share: installing what is missing and building, a line a step.
# shellcheck shell=bash

# shellcheck disable=SC2034 # used by those who read this file in
build_packages=(g++ cmake ninja-build ccache mold pkg-config libboost1.81-dev libssl-dev
  libsimdjson-dev libfmt-dev libspdlog-dev libsqlite3-dev libmosquitto-dev libmongoc-dev librdkafka-dev
  libzstd-dev zlib1g-dev libtomlplusplus-dev libcli11-dev libre2-dev libcurl4-openssl-dev doctest-dev
  libbenchmark-dev libhowardhinnant-date-dev libprotozero-dev libudunits2-dev ca-certificates)

# step NAME COMMAND…: says what it does, runs it, and says how long it took. A second run, with
# nothing to do, is silent.
step() {
  local name=$1 began log
  shift
  began=$(date +%s.%N)
  log=$(mktemp)
  printf '%-28s' "$name" >&2
  if ! "$@" >"$log" 2>&1; then
    printf 'failed\n' >&2
    tail -n 60 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
  printf '%6.1f s\n' "$(echo "$(date +%s.%N) $began" | awk '{print $1 - $2}')" >&2
}

installed() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

# need PACKAGE…: installs those that are not there.
need() {
  local package missing=()
  for package in "$@"; do installed "$package" || missing+=("$package"); done
  [[ ${#missing[@]} -eq 0 ]] && return
  if [[ $(id -u) -ne 0 ]]; then
    printf 'Missing, and only root can install them:\n  sudo apt-get install %s\n' "${missing[*]}" >&2
    return 1
  fi
  step "installing ${#missing[@]} packages" install_packages "${missing[@]}"
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  # No server that comes with a package starts by itself while it is installed.
  local guard=
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    guard=1
  fi
  apt-get -o DPkg::Lock::Timeout=600 update -qq &&
    apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "$@"
  local result=$?
  [[ -z $guard ]] || rm -f /usr/sbin/policy-rc.d
  return $result
}

# The pages are built by Node (18 or later).
need_node() {
  command -v npm >/dev/null || need nodejs npm
}

# build PRESET TARGET…
build() {
  local preset=$1
  shift
  if [[ ! -f build/$preset/build.ninja ]]; then
    step "configuring ($preset)" cmake --preset "$preset"
  fi
  # Asks ninja first, so that a start with nothing to build costs no more than the question.
  if ! ninja -C "build/$preset" -n "$@" 2>/dev/null | tail -n 1 | grep -q 'no work to do'; then
    step "building ($preset)" nice ninja -C "build/$preset" "$@"
  fi
}
