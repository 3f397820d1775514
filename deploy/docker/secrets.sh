#!/usr/bin/env bash
# Makes the secrets that the compose files need, once: what is there stays as it is.
#
#   deploy/docker/secrets.sh [FOLDER]      the folder: `secrets` beside this file, unless told otherwise
#
# sosie_token, sosie_certificate, sosie_key (self-signed, for localhost); passwords: mongodb_password,
# grafana_password, influxdb_admin, influxdb_sosie (writes), influxdb_grafana (reads), node_red_admin (the
# editor), node_red_pages (its pages); node_red_key, with which Node-RED encrypts what it keeps of
# passwords; chat_url, the incoming webhook of a chat for its messages, empty until you write it there.
# Put your own there instead if you have them.
set -euo pipefail
folder=${1:-$(dirname "$0")/secrets}
# Compose mounts each file as it is, and each container reads it as a user of its own: the files are
# readable, but only root and you can enter the folder.
umask 022
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"
for secret in sosie_token mongodb_password grafana_password influxdb_admin influxdb_sosie influxdb_grafana \
  node_red_admin node_red_pages node_red_key; do
  [[ -s $secret ]] || openssl rand -hex 24 >"$secret"
done
[[ -e chat_url ]] || : >chat_url
if [[ ! -s sosie_certificate || ! -s sosie_key ]]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 \
    -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,DNS:sosie,IP:127.0.0.1' \
    -keyout sosie_key -out sosie_certificate 2>/dev/null
  chmod 644 sosie_key
fi
printf 'secrets are in %s\n' "$PWD"
