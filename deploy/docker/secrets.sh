#!/usr/bin/env bash
# Makes the secrets that the compose files need, once: what is there stays as it is.
#
#   deploy/docker/secrets.sh [FOLDER]      the folder: `secrets` beside this file, unless told otherwise
#
# sosie_token, sosie_certificate, sosie_key (self-signed, for localhost), mongodb_password,
# grafana_password: put your own there instead if you have them.
set -euo pipefail
folder=${1:-$(dirname "$0")/secrets}
# Compose mounts each file as it is, and each container reads it as a user of its own: the files are
# readable, but only root and you can enter the folder.
umask 022
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"
for secret in sosie_token mongodb_password grafana_password; do
  [[ -s $secret ]] || openssl rand -hex 24 >"$secret"
done
if [[ ! -s sosie_certificate || ! -s sosie_key ]]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 \
    -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,DNS:sosie,IP:127.0.0.1' \
    -keyout sosie_key -out sosie_certificate 2>/dev/null
  chmod 644 sosie_key
fi
printf 'secrets are in %s\n' "$PWD"
