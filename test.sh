#!/usr/bin/env bash
# Installs what tests need, builds, runs every test, and ends with how many passed.
#
#   ./test.sh            what CI runs: style ui program unit coverage fuzz tidy
#   ./test.sh STAGE…     some of it (coverage after unit); also browser, deploy and spark, parts of
#                        program, and, not in CI, race
#
# Each stage is a function below. Logs of failed steps are printed, all are in build/logs/.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
. tools/setup.sh

test_packages=(clang-19 clang-format-19 libclang-rt-19-dev llvm-19 shellcheck python3
  python3-venv curl openssl mosquitto mosquitto-clients prometheus prometheus-alertmanager
  postgresql-15 influxdb victoria-metrics nginx-light chromium maven openjdk-17-jre-headless docker-compose)
logs=build/logs
jobs=$(nproc)
export LLVM_PROFILE_FILE=$PWD/build/check/profiles/%2m.profraw  # where `check` programs count

# try NAME COMMAND…: one test of the count at the end, in $logs/passed or $logs/failed. One that
# hangs for three quarters of an hour is a failed one.
try() {
  local name=$1 began=$SECONDS
  local log=$logs/${name//[^a-z0-9]/-}.log
  shift
  if nice timeout --kill-after=30 2700 "$@" >"$log" 2>&1; then
    echo "$name" >>$logs/passed
    printf 'passed  %-44s %5d s\n' "$name" $((SECONDS - began))
  else
    echo "$name" >>$logs/failed
    printf 'FAILED  %-44s %5d s  (%s)\n' "$name" $((SECONDS - began)) "$log"
    tail -n 80 "$log"
  fi
}

# What the program's tests need besides: ready when they ask for it.
fetch_behind() {
  { tests/servers.sh install kafka; tests/servers.sh install ferretdb; } >$logs/servers.log 2>&1 &
  { tests/deploy/tools.sh; tests/servers.sh install node-red; tests/servers.sh install spark; } >$logs/tools.log 2>&1 &
}

# Builds `preset`'s targets; a build that fails is a failed test.
made() { # PRESET TARGET…
  local preset=$1
  shift
  no_more_behind
  try "configure $preset" cmake --preset "$preset"
  try "build $preset" ninja -C "build/$preset" -j "$jobs" "$@"
}

# The program's tests wait more than they compute: the build that comes after them uses what is left.
behind=
build_behind() { # PRESET TARGET…
  (cmake --preset "$1" && exec nice -n 19 ninja -C "build/$1" -j "$jobs" -k 0 "${@:2}") >$logs/behind.log 2>&1 &
  behind=$!
}

# What it has not built yet, or could not, the stage itself builds, and says so.
no_more_behind() {
  [[ -n $behind ]] || return 0
  kill "$behind" 2>/dev/null
  wait "$behind" 2>/dev/null
  behind=
}

style() {
  try "style: rules no compiler checks" tools/tidy
  try "style: clang-format" tools/format --check
  try "style: shellcheck" shellcheck -x run.sh test.sh tools/setup.sh tests/*.sh tests/deploy/*.sh bench/city/*.sh \
    bench/run deploy/docker/{secrets.sh,serve-scenarios,sosie-container,sosie-health} \
    deploy/{influxdb,mosquitto}/users.sh deploy/nginx/serve-map
}

# Every unit test, with the address and undefined-behaviour sanitizers, and what they run counted.
unit() {
  made check tests
  try "unit tests (asan, ubsan)" ctest --preset check -j "$jobs" --timeout 900
  grep -ahE 'tests passed|tests failed' $logs/unit-tests*.log
}

# After `unit`: the command line has no unit tests and what speaks to real servers has few; their
# end-to-end tests run the sanitized program.
coverage() {
  made check sosie
  SOSIE=build/check/sosie try "command line and servers (asan, ubsan)" \
    tests/e2e/run --at-once "$jobs" tests/e2e/test_{kafka,mongodb,command_line,bsm1,dataset,evaluate_table,generator,models}.py
  try "coverage of src/ is at least 85 %" tools/coverage --least 85
  grep -h '^lines of src' $logs/coverage*.log
}

ui() {
  try "ui: install" npm ci --prefix ui --no-audit --no-fund
  try "ui: types and style" npm run check --prefix ui
  try "ui: unit tests" npm test --prefix ui
  try "ui: size under 100 kB" npm run size --prefix ui
}

# The program as people use it: HTTP, MQTT, command line, kill -9, Prometheus, real data, browser.
# These tests wait more than they compute, so they stand side by side.
program() {
  made release sosie long_tests
  [[ " ${stages[*]} " != *" unit "* ]] || build_behind check tests sosie fuzzers
  try "program: the long unit tests" ctest --preset release -L long
  program_besides &
  local besides=$!
  try "program: end to end" tests/e2e/run --at-once 2
  spark
  wait $besides
}

program_besides() {
  browser
  deploy
  try "program: NGSI v2, case by case" python3 -m unittest discover -v -s tests/ngsi
  try "program: real Prometheus and Alertmanager" tests/with_sosie.sh tests/prometheus.sh
  try "forest: scikit-learn and shap agree" tests/forest_agreement.sh
}

# What no test can run here (containers, Kubernetes, clouds) is read by its own tools; the rest runs.
deploy() {
  local checked=(build/venv-deploy/bin/python -m unittest discover -v -s tests/deploy)
  [[ " ${stages[*]} " == *" program "* ]] || made release sosie
  try "deploy: fetch Helm, types, checkers" tests/deploy/tools.sh
  try "deploy: Dockerfile (hadolint)" build/venv-deploy/bin/hadolint deploy/docker/Dockerfile
  try "deploy: compose files (docker-compose)" "${checked[@]}" -p 'test_compose.py'
  try "deploy: chart (Helm, Kubernetes' schemas)" "${checked[@]}" -p 'test_chart.py'
  try "deploy: what the image is made of" "${checked[@]}" -p 'test_container.py'
  try "deploy: dashboards (Grafana's types)" node tests/deploy/dashboards.mjs
  try "deploy: the dashboard over the store" "${checked[@]}" -p 'test_store_dashboard.py'
  try "deploy: the dashboard over InfluxDB" "${checked[@]}" -p 'test_city_dashboard.py'
  try "deploy: the flow for Node-RED" "${checked[@]}" -p 'test_node_red.py'
  try "deploy: who may what in Node-RED" "${checked[@]}" -p 'test_node_red_rights.py'
  try "deploy: who may what in InfluxDB" "${checked[@]}" -p 'test_influxdb.py'
  try "deploy: the map behind nginx" "${checked[@]}" -p 'test_nginx.py'
  try "deploy: the security checklist" "${checked[@]}" -p 'test_security.py'
  try "deploy: alert rules (promtool)" promtool test rules tests/deploy/rules_test.yml
}

# The engine from Python and in Spark: the same findings as the program's.
spark() {
  [[ " ${stages[*]} " == *" program "* ]] || made release sosie
  try "spark: Python module, the same findings" tests/spark.sh
}

# Of the release build.
browser() {
  try "browser: every page, a fault found and acknowledged" tests/with_sosie.sh tests/browser.sh
}

fuzz() {
  made check fuzzers
  try "fuzz: ten seconds each" ctest --preset fuzz -j "$jobs"
}

# Threads, under the thread sanitizer.
race() {
  made tsan test_base test_core test_twin_live test_engine
  try "races: base, core, twin, engine" ctest --preset tsan -R '^(base|core|twin_live|engine)$' \
    --timeout 600
}

tidy() {
  try "clang-tidy" tools/clang_tidy
}

main() {
  local stages=("$@")
  [[ ${#stages[@]} -gt 0 ]] || stages=(style ui program unit coverage fuzz tidy)
  mkdir -p $logs
  rm -f $logs/passed $logs/failed
  touch $logs/passed $logs/failed
  need "${build_packages[@]}" "${test_packages[@]}" && need_node || exit 1
  [[ ! " ${stages[*]} " =~ \ (program|coverage)\  ]] || fetch_behind
  local stage
  for stage in "${stages[@]}"; do "$stage"; done
  printf '%d passed, %d failed\n' "$(wc -l <$logs/passed)" "$(wc -l <$logs/failed)"
  [[ ! -s $logs/failed ]]
}

main "$@"
