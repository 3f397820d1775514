#!/usr/bin/env bash
# Starts and stops real servers for tests, on loopback only, each in a directory of its own.
#
#   tests/servers.sh start NAME…    starts, waits until ready, prints one line a server
#   tests/servers.sh stop [NAME…]   stops what this script started (by pid); keeps the data
#   tests/servers.sh clean [NAME…]  stops, then deletes the data
#   tests/servers.sh status         what runs
#   tests/servers.sh install ferretdb   builds it from its Go module, once: minutes, then cached
#   tests/servers.sh install kafka      fetches its jars with Maven, once: half a minute, then cached
#   tests/servers.sh install spark      no server but a venv with PySpark, its jars for Kafka and
#                                       MongoDB, and Arrow, once: two minutes, 660 MB, then cached
#   tests/servers.sh install node-red   with npm, once: a minute, 110 MB, then cached
#
# NAME: mosquitto prometheus alertmanager postgres ferretdb kafka influxdb victoria-metrics node-red
# (none given: all). FerretDB speaks MongoDB's protocol and keeps its data in postgres: start that
# first. InfluxDB is 1.6; of VictoriaMetrics the line protocol of 1.x and 2.x counts here.
# Settings, from the environment:
#   SOSIE_SERVERS_DIR   where they live (default /tmp/sosie-servers)
#   P_MQTT P_MQTTS P_PROM P_AM P_PG P_MONGO P_MONGOS P_MONGO_DEBUG P_KAFKA P_KAFKAS P_KAFKA_CONTROL
#   P_INFLUX P_INFLUX_RPC P_VM P_NODERED   their ports (S: with TLS)
#   MQTT_USER MQTT_PASSWORD          of the TLS listener; the plain one takes anyone
#   MONGO_USER MONGO_PASSWORD        of FerretDB, set when its data are made
#   KAFKA_USER KAFKA_PASSWORD        of the TLS listener (PLAIN or SCRAM); the plain one takes anyone
#   PROM_CONFIG AM_CONFIG            their configurations (needed by these two)
#   INFLUX_AUTH INFLUX_HTTPS         true: it lets in who is known (the first user may be made by
#                                    anyone); it speaks HTTPS
#   NODERED_FLOWS                    a flow file, copied when it starts; its environment is ours
# shellcheck disable=SC2317,SC2329 # start_, ready_ and ports_ functions are called by name
set -u
ROOT=${SOSIE_SERVERS_DIR:-/tmp/sosie-servers}
ALL=(mosquitto prometheus alertmanager postgres ferretdb kafka influxdb victoria-metrics node-red)
P_MQTT=${P_MQTT:-21883} P_MQTTS=${P_MQTTS:-21884} P_PROM=${P_PROM:-22090} P_AM=${P_AM:-22093}
MQTT_USER=${MQTT_USER:-sosie} MQTT_PASSWORD=${MQTT_PASSWORD:-s3cret}
P_PG=${P_PG:-22432} P_MONGO=${P_MONGO:-22017} P_MONGOS=${P_MONGOS:-22019}
P_MONGO_DEBUG=${P_MONGO_DEBUG:-22018}
MONGO_USER=${MONGO_USER:-sosie} MONGO_PASSWORD=${MONGO_PASSWORD:-s3cret}
PG_BIN=${PG_BIN:-/usr/lib/postgresql/15/bin}
FERRETDB_VERSION=v1.24.2
FERRETDB=${FERRETDB:-${XDG_CACHE_HOME:-$HOME/.cache}/sosie/ferretdb-$FERRETDB_VERSION}
P_KAFKA=${P_KAFKA:-22192} P_KAFKAS=${P_KAFKAS:-22193} P_KAFKA_CONTROL=${P_KAFKA_CONTROL:-22194}
KAFKA_USER=${KAFKA_USER:-sosie} KAFKA_PASSWORD=${KAFKA_PASSWORD:-s3cret}
KAFKA_VERSION=3.9.1
KAFKA=${KAFKA:-${XDG_CACHE_HOME:-$HOME/.cache}/sosie/kafka-$KAFKA_VERSION}
SPARK_VERSION=3.5.7
SPARK=${SPARK:-${XDG_CACHE_HOME:-$HOME/.cache}/sosie/spark-$SPARK_VERSION}
P_INFLUX=${P_INFLUX:-22086} P_INFLUX_RPC=${P_INFLUX_RPC:-22088} P_VM=${P_VM:-22428}
P_NODERED=${P_NODERED:-22880}
NODERED_VERSION=4.1.15
NODERED=${NODERED:-${XDG_CACHE_HOME:-$HOME/.cache}/sosie/node-red-$NODERED_VERSION}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATIENCE_S=${PATIENCE_S:-30}

say() { printf '%s\n' "$*"; }
die() { printf 'servers.sh: %s\n' "$*" >&2; exit 1; }
# Debian puts some of them where a plain user's PATH does not look.
find_program() { PATH=$PATH:/usr/sbin command -v "$1" || die "$1 is not installed"; }
is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
answers() { curl -fs -o /dev/null --max-time 2 "$1"; }

# The pid this script started for NAME, if that process still lives in or below NAME's directory.
pid_of() {
  local pid
  pid=$(cat "$ROOT/$1/pid" 2>/dev/null) || return 1
  [[ -n $pid && "$(readlink "/proc/$pid/cwd" 2>/dev/null)/" == "$(realpath "$ROOT/$1")"/* ]] && echo "$pid"
}

# launch NAME COMMAND…: in the background, a session of its own, in NAME's directory.
launch() {
  local name=$1
  shift
  cd "$ROOT/$name" || die "no directory $ROOT/$name"
  setsid "$@" >log 2>&1 </dev/null &
  echo $! >pid
}

# An authority and a certificate for localhost, made once.
make_certificates() {
  local tls=$ROOT/tls
  [[ -s $tls/server.crt ]] && return
  mkdir -p "$tls"
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Test CA" -keyout "$tls/ca.key" \
    -out "$tls/ca.crt" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout "$tls/server.key" \
    -out "$tls/server.csr" 2>/dev/null
  openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -CAcreateserial \
    -days 30 -extfile <(printf 'subjectAltName=DNS:localhost,IP:127.0.0.1') \
    -out "$tls/server.crt" 2>/dev/null || die "openssl made no certificate"
}

start_mosquitto() {
  local here=$ROOT/mosquitto program as_root=
  program=$(find_program mosquitto) || exit 1
  make_certificates
  : >"$here/passwd"
  chmod 600 "$here/passwd"
  mosquitto_passwd -b "$here/passwd" "$MQTT_USER" "$MQTT_PASSWORD" || die "mosquitto_passwd failed"
  # Started as root it drops to user mosquitto before it reads the TLS key.
  [[ $(id -u) -ne 0 ]] || as_root="user root"
  cat >"$here/mosquitto.conf" <<CONF
$as_root
per_listener_settings true
persistence false
log_dest stderr
log_type error
log_type warning
listener $P_MQTT 127.0.0.1
allow_anonymous true
listener $P_MQTTS 127.0.0.1
allow_anonymous false
password_file $here/passwd
cafile $ROOT/tls/ca.crt
certfile $ROOT/tls/server.crt
keyfile $ROOT/tls/server.key
CONF
  launch mosquitto "$program" -c "$here/mosquitto.conf"
}
ready_mosquitto() { is_open "$P_MQTT" && is_open "$P_MQTTS"; }
ports_mosquitto() { echo "$P_MQTT $P_MQTTS"; }

start_prometheus() {
  local program
  program=$(find_program prometheus) || exit 1
  promtool check config "${PROM_CONFIG:?names no file}" >"$ROOT/prometheus/check" 2>&1 ||
    die "promtool refuses $PROM_CONFIG: $(cat "$ROOT/prometheus/check")"
  launch prometheus "$program" "--config.file=$PROM_CONFIG" --log.level=warn \
    "--storage.tsdb.path=$ROOT/prometheus/data" "--web.listen-address=127.0.0.1:$P_PROM"
}
ready_prometheus() { answers "http://127.0.0.1:$P_PROM/-/ready"; }
ports_prometheus() { echo "$P_PROM"; }

start_alertmanager() {
  local program
  program=$(find_program prometheus-alertmanager) || exit 1
  amtool check-config "${AM_CONFIG:?names no file}" >"$ROOT/alertmanager/check" 2>&1 ||
    die "amtool refuses $AM_CONFIG: $(cat "$ROOT/alertmanager/check")"
  # An empty cluster address: else it listens on every interface.
  launch alertmanager "$program" "--config.file=$AM_CONFIG" --log.level=warn \
    "--storage.path=$ROOT/alertmanager/data" "--web.listen-address=127.0.0.1:$P_AM" \
    --cluster.listen-address=
}
ready_alertmanager() { answers "http://127.0.0.1:$P_AM/-/ready"; }
ports_alertmanager() { echo "$P_AM"; }

# It refuses to run as root.
as_postgres() {
  if [[ $(id -u) -eq 0 ]]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi
}
make_postgres() {
  local here=$ROOT/postgres
  [[ -s $here/data/PG_VERSION ]] && return
  [[ $(id -u) -ne 0 ]] || chown postgres: "$here"
  cd "$here" || die "no directory $here"
  as_postgres "$PG_BIN/initdb" -D "$here/data" -U ferret --auth=trust -E UTF8 --locale=C.UTF-8 \
    >"$here/initdb" 2>&1 || die "initdb: $(tail -n 1 "$here/initdb")"
  echo 'create database ferretdb' | as_postgres "$PG_BIN/postgres" --single -D "$here/data" postgres \
    >>"$here/initdb" 2>&1 || die "no database: $(tail -n 1 "$here/initdb")"
}
start_postgres() {
  local drop=()
  [[ -x $PG_BIN/postgres ]] || die "postgresql-15 is not installed"
  make_postgres
  [[ $(id -u) -ne 0 ]] || drop=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  # A test's data need not outlive a power cut: no fsync.
  launch postgres "${drop[@]}" "$PG_BIN/postgres" -D "$ROOT/postgres/data" \
    -c listen_addresses=127.0.0.1 -c "port=$P_PG" -c unix_socket_directories= -c fsync=off \
    -c log_min_messages=error
}
ready_postgres() { "$PG_BIN/pg_isready" -q -h 127.0.0.1 -p "$P_PG"; }
ports_postgres() { echo "$P_PG"; }

# "go install" is no use: the module proxy answers no list of versions, and the program stops
# without its version.txt. Without SQLite it compiles in a fraction of the time.
install_ferretdb() {
  local work from
  mkdir -p "$(dirname "$FERRETDB")"
  exec 9>"$FERRETDB.lock"
  flock 9
  [[ -x $FERRETDB ]] && return
  work=$(mktemp -d)
  cd "$work" || return 1
  from=$(go mod download -json "github.com/FerretDB/FerretDB@$FERRETDB_VERSION" |
    sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [[ -d $from ]] || die "go cannot download FerretDB $FERRETDB_VERSION"
  cp -r --no-preserve=mode "$from" source && cd source || return 1
  echo "$FERRETDB_VERSION" >build/version/version.txt
  CGO_ENABLED=0 GOFLAGS=-buildvcs=false nice -n 19 go build -tags ferretdb_no_sqlite -trimpath \
    -ldflags '-s -w' -o "$FERRETDB.part" ./cmd/ferretdb && mv "$FERRETDB.part" "$FERRETDB"
  local result=$?
  rm -rf "$work"
  return $result
}
start_ferretdb() {
  local here=$ROOT/ferretdb
  [[ -x $FERRETDB ]] || die "no $FERRETDB: tests/servers.sh install ferretdb"
  ready_postgres || die "ferretdb needs postgres, which does not run"
  mkdir -p "$here/state"
  make_certificates
  launch ferretdb env DO_NOT_TRACK=1 "$FERRETDB" --handler=postgresql \
    "--postgresql-url=postgres://ferret@127.0.0.1:$P_PG/ferretdb" "--listen-addr=127.0.0.1:$P_MONGO" \
    "--listen-tls=127.0.0.1:$P_MONGOS" "--listen-tls-cert-file=$ROOT/tls/server.crt" \
    "--listen-tls-key-file=$ROOT/tls/server.key" \
    "--debug-addr=127.0.0.1:$P_MONGO_DEBUG" --telemetry=disable "--state-dir=$here/state" \
    --log-level=error --test-enable-new-auth --setup-database=admin "--setup-username=$MONGO_USER" \
    "--setup-password=$MONGO_PASSWORD"
}
ready_ferretdb() { is_open "$P_MONGO" && is_open "$P_MONGOS" && answers "http://127.0.0.1:$P_MONGO_DEBUG/debug/readyz"; }
ports_ferretdb() { echo "$P_MONGO $P_MONGOS $P_MONGO_DEBUG"; }

install_kafka() {
  mkdir -p "$(dirname "$KAFKA")"
  exec 9>"$KAFKA.lock"
  flock 9
  [[ -d $KAFKA ]] && return
  rm -rf "$KAFKA.part"
  nice -n 19 mvn -B -q -ntp -f "$HERE/kafka-pom.xml" "-Dkafka.version=$KAFKA_VERSION" \
    dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$KAFKA.part" || return 1
  rm -f "$KAFKA.part"/slf4j-reload4j-*.jar # one binding of SLF4J only
  mv "$KAFKA.part" "$KAFKA"
}
kafka_java() { java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true "$@"; }
write_kafka_conf() {
  local here=$ROOT/kafka login=org.apache.kafka.common.security
  cat "$ROOT/tls/server.key" "$ROOT/tls/server.crt" >"$here/server.pem"
  cat >"$here/server.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$P_KAFKA_CONTROL
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$P_KAFKA,SASL_SSL://127.0.0.1:$P_KAFKAS,CONTROLLER://127.0.0.1:$P_KAFKA_CONTROL
advertised.listeners=PLAINTEXT://127.0.0.1:$P_KAFKA,SASL_SSL://localhost:$P_KAFKAS
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=$login.plain.PlainLoginModule required user_$KAFKA_USER="$KAFKA_PASSWORD";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=$login.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=$login.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location=$here/server.pem
log.dirs=$here/data
num.network.threads=2
num.io.threads=2
log.cleaner.dedupe.buffer.size=16777216
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.segment.bytes=268435456
# Tests write messages of fixed times: after a week, half a minute's run would find them deleted.
log.retention.ms=-1
auto.create.topics.enable=false
controlled.shutdown.enable=false
CONF
}
start_kafka() {
  local here=$ROOT/kafka id log=-Dorg.slf4j.simpleLogger.defaultLogLevel=warn
  [[ -d $KAFKA ]] || die "no $KAFKA: tests/servers.sh install kafka"
  command -v java >/dev/null || die "java is not installed"
  make_certificates
  write_kafka_conf
  if [[ ! -s $here/data/meta.properties ]]; then
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' 'ab' | cut -c1-22)
    kafka_java "$log" -cp "$KAFKA/*" kafka.tools.StorageTool format -t "$id" -c "$here/server.properties" \
      --add-scram "SCRAM-SHA-256=[name=$KAFKA_USER,password=$KAFKA_PASSWORD]" \
      --add-scram "SCRAM-SHA-512=[name=$KAFKA_USER,password=$KAFKA_PASSWORD]" \
      >"$here/format" 2>&1 || die "kafka's format: $(tail -n 2 "$here/format")"
  fi
  launch kafka java -Xms256m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -Djava.awt.headless=true "$log" -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info \
    -cp "$KAFKA/*" kafka.Kafka "$here/server.properties"
}
# The last line of its start, when the broker is registered and unfenced.
ready_kafka() { grep -q 'Kafka Server started' "$ROOT/kafka/log" && is_open "$P_KAFKA"; }
ports_kafka() { echo "$P_KAFKA $P_KAFKAS $P_KAFKA_CONTROL"; }

start_influxdb() {
  local here=$ROOT/influxdb program
  program=$(find_program influxd) || exit 1
  make_certificates
  cat >"$here/influxdb.conf" <<CONF
reporting-disabled = true
bind-address = "127.0.0.1:$P_INFLUX_RPC"
[meta]
  dir = "$here/meta"
[data]
  dir = "$here/data"
  wal-dir = "$here/wal"
  index-version = "tsi1"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:$P_INFLUX"
  log-enabled = false
  auth-enabled = ${INFLUX_AUTH:-false}
  https-enabled = ${INFLUX_HTTPS:-false}
  https-certificate = "$ROOT/tls/server.crt"
  https-private-key = "$ROOT/tls/server.key"
CONF
  launch influxdb "$program" -config "$here/influxdb.conf"
}
ready_influxdb() {
  local scheme=http
  [[ ${INFLUX_HTTPS:-false} == false ]] || scheme=https
  curl -fsk -o /dev/null --max-time 2 "$scheme://127.0.0.1:$P_INFLUX/ping"
}
ports_influxdb() { echo "$P_INFLUX $P_INFLUX_RPC"; }

# latencyOffset: else a query does not see the last 30 s. What was just written it sees after a GET
# of /internal/force_flush.
start_victoria-metrics() {
  local program
  program=$(find_program victoria-metrics) || exit 1
  launch victoria-metrics "$program" "-httpListenAddr=127.0.0.1:$P_VM" \
    "-storageDataPath=$ROOT/victoria-metrics/data" -retentionPeriod=100y \
    -search.latencyOffset=0s -loggerLevel=WARN -memory.allowedBytes=256MB
}
ready_victoria-metrics() { answers "http://127.0.0.1:$P_VM/health"; }
ports_victoria-metrics() { echo "$P_VM"; }

install_node-red() {
  mkdir -p "$(dirname "$NODERED")"
  exec 9>"$NODERED.lock"
  flock 9
  [[ -e $NODERED/installed ]] && return
  rm -rf "$NODERED"
  mkdir "$NODERED" && cd "$NODERED" || return 1
  nice -n 19 npm install --no-audit --no-fund --loglevel=error --prefix . \
    "node-red@$NODERED_VERSION" && touch "$NODERED/installed"
}
start_node-red() {
  local here=$ROOT/node-red
  [[ -e $NODERED/installed ]] || die "no $NODERED: tests/servers.sh install node-red"
  cp "${NODERED_FLOWS:?names no file}" "$here/flows.json"
  cat >"$here/settings.js" <<CONF
module.exports = {
  uiHost: '127.0.0.1', uiPort: $P_NODERED, flowFile: 'flows.json', credentialSecret: 'of a test',
  telemetry: { enabled: false, updateNotification: false },
  externalModules: { autoInstall: false, palette: { allowInstall: false } },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};
CONF
  launch node-red node "$NODERED/node_modules/node-red/red.js" --userDir "$here" \
    --settings "$here/settings.js"
}
ready_node-red() {
  answers "http://127.0.0.1:$P_NODERED/flows" && grep -q 'Started flows' "$ROOT/node-red/log"
}
ports_node-red() { echo "$P_NODERED"; }

# The jars go beside PySpark's own, so nobody has to name them.
install_spark() {
  local jars
  mkdir -p "$(dirname "$SPARK")"
  exec 9>"$SPARK.lock"
  flock 9
  [[ -e $SPARK/installed ]] && return
  rm -rf "$SPARK"
  nice -n 19 mvn -B -q -ntp -f "$HERE/spark-pom.xml" "-Dspark.version=$SPARK_VERSION" \
    dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$SPARK/jars" \
    -DexcludeGroupIds=org.apache.hadoop,org.scala-lang,org.scala-lang.modules,org.slf4j,org.lz4,org.xerial.snappy,commons-logging,com.google.code.findbugs,com.github.luben \
    -DexcludeArtifactIds=spark-tags_2.12 &
  python3 -m venv "$SPARK" &&
    nice -n 19 "$SPARK/bin/pip" install --quiet --disable-pip-version-check \
      "pyspark==$SPARK_VERSION" pyarrow==17.0.0 pandas==2.2.3 numpy==1.26.4 setuptools || return 1
  wait $! || return 1
  jars=$(echo "$SPARK"/lib/python3.*/site-packages/pyspark/jars)
  mv "$SPARK"/jars/*.jar "$jars/" && rmdir "$SPARK/jars" && touch "$SPARK/installed"
}

install_one() {
  declare -F "install_$1" >/dev/null || die "$1 is a Debian package, or nothing known"
  ("install_$1")
}

start_one() {
  local name=$1 port began=$SECONDS
  pid_of "$name" >/dev/null && { say "$name already runs"; return 0; }
  for port in $("ports_$name"); do
    is_open "$port" && { say "$name NOT started: port $port is taken"; return 1; }
  done
  mkdir -p "$ROOT/$name"
  ("start_$name") || return 1 # a subshell: one that is missing does not keep others from starting
  until "ready_$name"; do
    if ! pid_of "$name" >/dev/null; then
      say "$name died: $(tail -n 2 "$ROOT/$name/log")"
      return 1
    fi
    if ((SECONDS - began > PATIENCE_S)); then
      say "$name is not ready after $PATIENCE_S s: $ROOT/$name/log"
      stop_one "$name"
      return 1
    fi
    sleep 0.05
  done
  say "$name ready, pid $(cat "$ROOT/$name/pid"), ports $("ports_$name"), log $ROOT/$name/log"
}

stop_one() {
  local name=$1 pid
  if pid=$(pid_of "$name"); then
    # postgres: INT does not wait for its clients
    if [[ $name == postgres ]]; then kill -INT "$pid"; else kill "$pid"; fi 2>/dev/null
    for _ in $(seq 200); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.05
    done
    kill -9 "$pid" 2>/dev/null
    say "$name stopped (pid $pid)"
  fi
  rm -f "$ROOT/$name/pid"
}

clean_one() {
  stop_one "$1"
  rm -rf "${ROOT:?}/$1"
}

status_one() {
  local pid
  if pid=$(pid_of "$1"); then say "$1 up, pid $pid, ports $("ports_$1")"; else say "$1 down"; fi
}

main() {
  local command=${1:-} name result=0
  case $command in
    start | stop | clean | status | install) ;;
    *) die "start, stop, clean, status or install?" ;;
  esac
  shift
  [[ $# -gt 0 ]] || set -- "${ALL[@]}"
  for name in "$@"; do
    declare -F "start_$name" >/dev/null || [[ $command == install ]] || die "no server '$name': ${ALL[*]}"
  done
  mkdir -p "$ROOT"
  ROOT=$(realpath "$ROOT")
  for name in "$@"; do "${command}_one" "$name" || result=1; done
  return $result
}
main "$@"
