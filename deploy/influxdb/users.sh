#!/usr/bin/env bash
# Makes the database of a city and who may use it; run again it changes nothing, or gives each user the
# password that is in its file now.
#
#   deploy/influxdb/users.sh [FOLDER]     where influxdb_admin, influxdb_sosie and influxdb_grafana are:
#                                         deploy/docker/secrets unless told otherwise
#
# admin makes users, sosie only writes, grafana only reads. INFLUXDB_URL (http://127.0.0.1:8086),
# INFLUXDB_DATABASE (city). Needs curl. Passwords are of letters and digits, and on no command line.
set -euo pipefail
folder=${1:-$(dirname "$0")/../docker/secrets}
url=${INFLUXDB_URL:-http://127.0.0.1:8086}
database=${INFLUXDB_DATABASE:-city}

die() { printf 'users.sh: %s\n' "$*" >&2; exit 1; }

password_of() {
  local password
  password=$(<"$folder/influxdb_$1")
  [[ $password =~ ^[[:alnum:]_-]+$ ]] || die "influxdb_$1 is no password of letters and digits"
  printf '%s' "$password"
}

# ask USER QUERY: the answer's body; USER may be empty.
ask() {
  local login=
  [[ -z $1 ]] || login="user = \"$1:$(password_of "$1")\""
  printf '%s\ndata-urlencode = "q=%s"\n' "$login" "${2//\"/\\\"}" |
    curl --silent --show-error --max-time 20 --config - "$url/query"
}

# must USER QUERY: that it was done. What InfluxDB says of a query never holds its password.
must() {
  local answer
  answer=$(ask "$1" "$2")
  [[ $answer != *'"error"'* ]] || die "$answer"
}

# Who is there keeps its name and gets the password that is in the file.
user() {
  local name=$1 answer password
  password=$(password_of "$name")
  answer=$(ask admin "CREATE USER \"$name\" WITH PASSWORD '$password'")
  case $answer in
    *'user already exists'*) must admin "SET PASSWORD FOR \"$name\" = '$password'" ;;
    *'"error"'*) die "$answer" ;;
  esac
}

for name in admin sosie grafana; do password_of "$name" >/dev/null; done
# The first user may be made by anyone, and then nobody but an administrator makes another: so this
# is refused where it was done before.
ask '' "CREATE USER \"admin\" WITH PASSWORD '$(password_of admin)' WITH ALL PRIVILEGES" >/dev/null
must admin "CREATE DATABASE \"$database\""
user sosie
user grafana
must admin "GRANT WRITE ON \"$database\" TO \"sosie\""
must admin "GRANT READ ON \"$database\" TO \"grafana\""
printf 'sosie writes into the database %s, grafana reads it\n' "$database"
