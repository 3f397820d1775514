#!/usr/bin/env bash
# Makes the broker's secrets, once: what is there stays as it is.
#
#   deploy/mosquitto/users.sh [FOLDER]     the folder: `secrets` beside this file, unless told otherwise
#
# mqtt_city, mqtt_sosie, mqtt_map, mqtt_flows: a password each; `passwords`: the same for Mosquitto,
# hashed; certificate and key: self-signed, for localhost (put your own there if you have them).
# Needs openssl, and mosquitto_passwd of the package mosquitto.
set -euo pipefail
folder=${1:-$(dirname "$0")/secrets}
umask 022
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"
: >passwords.new
chmod 600 passwords.new
for user in city sosie map flows; do
  [[ -s mqtt_$user ]] || openssl rand -hex 24 >"mqtt_$user"
  printf '%s:%s\n' "$user" "$(cat "mqtt_$user")" >>passwords.new
done
if [[ ! -s passwords ]]; then
  PATH=$PATH:/usr/sbin mosquitto_passwd -U passwords.new
  mv passwords.new passwords
  chmod 644 passwords # the broker reads it as a user of its own; only root and you enter the folder
fi
rm -f passwords.new
if [[ ! -s certificate || ! -s key ]]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 \
    -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,DNS:mosquitto,IP:127.0.0.1' \
    -keyout key -out certificate 2>/dev/null
  chmod 644 key
fi
printf 'secrets are in %s\n' "$PWD"
