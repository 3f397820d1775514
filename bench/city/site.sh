#!/usr/bin/env bash
# The city's map as deploy/nginx has it, on a real nginx and a real Mosquitto with websockets and users:
#
#   bench/city/site.sh [OUTDIR] [--objects 10000] [--rate 1000] [--samples 40]
#
# publishes the objects, looks at the page in Chromium, and measures its frames and how long it takes from
# publish to pixel. Needs nginx, mosquitto, chromium and ui/node_modules (npm ci in ui/). Ports: P_HTTP,
# P_MQTT, P_WS. Everything it starts ends with it.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-/tmp/sosie-site}
[[ $# -gt 0 ]] && shift
P_HTTP=${P_HTTP:-27088} P_MQTT=${P_MQTT:-27883} P_WS=${P_WS:-27901}
PATH=$PATH:/usr/sbin
room=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$room"
}
trap finish EXIT
mkdir -p "$out" "$room/www" "$room/tmp"
chmod 755 "$room"

# ---- the broker: a user who writes, and the map's, who reads two topics
mosquitto_passwd -c -b "$room/passwords" city city-password 2>/dev/null
mosquitto_passwd -b "$room/passwords" map map-password 2>/dev/null
chmod 644 "$room/passwords"
printf 'user city\ntopic write toulouse/#\ntopic write sosie/#\n\nuser map\ntopic read toulouse/#\ntopic read sosie/#\n' > "$room/acl"
cat > "$room/mosquitto.conf" <<CONF
allow_anonymous false
password_file $room/passwords
acl_file $room/acl
max_queued_messages 100000
listener $P_MQTT 127.0.0.1
listener $P_WS 127.0.0.1
protocol websockets
socket_domain ipv4
CONF
mosquitto -c "$room/mosquitto.conf" > "$room/mosquitto.log" 2>&1 &
pids+=($!)

# ---- the site: the files that deploy/nginx names, and its server with other ports
npm run --silent site --prefix ui -- --outDir "$room/www"
cp deploy/nginx/config.json "$room/www/"
node bench/city/map.mjs --districts > "$room/www/districts.geojson"
sed -i 's/"password": "[^"]*"/"password": "map-password"/; s/"id": "[^"]*"/"id": "code"/; s/"label": "[^"]*"/"label": "name"/' "$room/www/config.json"
sed "s#/var/www/sosie-map#$room/www#; s#127.0.0.1:8088#127.0.0.1:$P_HTTP#; s#127.0.0.1:9001#127.0.0.1:$P_WS#" \
  deploy/nginx/sosie-map.conf > "$room/site.conf"
cat > "$room/nginx.conf" <<CONF
daemon off;
pid $room/nginx.pid;
error_log $room/nginx.log;
worker_processes 1;
events {}
http {
  access_log off;
  client_body_temp_path $room/tmp; proxy_temp_path $room/tmp; fastcgi_temp_path $room/tmp;
  uwsgi_temp_path $room/tmp; scgi_temp_path $room/tmp;
  include $room/site.conf;
}
CONF
nginx -t -q -c "$room/nginx.conf" -e "$room/nginx.log"
nginx -c "$room/nginx.conf" -e "$room/nginx.log" &
pids+=($!)
for port in "$P_HTTP" "$P_MQTT" "$P_WS"; do
  for _ in {1..100}; do
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break
    sleep 0.1
  done
done

node bench/city/map.mjs "http://127.0.0.1:$P_HTTP/" "mqtt://city:city-password@127.0.0.1:$P_MQTT" "$out" "$@" ||
  { tail -n 5 "$room/nginx.log" "$room/mosquitto.log"; exit 1; }
