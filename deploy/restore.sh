#!/usr/bin/env bash
# Puts a backup in the place of the analytics database. What is there now stays, under another name.
#
#   restore.sh FILE      a file of backup.sh
#
# With docker-compose.production.yml it ends the hubs and PgBouncer, and starts them again. Where PGHOST is set, as for backup.sh, end them
# yourself: it refuses while somebody is connected. The hubs get back from Kafka and the source what the backup lacks: see
# docs/runbooks/analytics-lost.md.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
database="${MILLRACE_DATABASE:-analytics}"
file="${1:-}"
if [ -z "$file" ] || [ "${file#-}" != "$file" ]; then
  sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit 2
fi
if [ ! -r "$file" ]; then
  echo "cannot read $file" >&2
  exit 2
fi

# shellcheck source=SCRIPTDIR/database.sh
. "$here/database.sh"

run pg_restore --list < "$file" > /dev/null || { echo "$file is not a backup that backup.sh made" >&2; exit 1; }

stopped=""
if [ -z "${PGHOST:-}" ]; then
  stopped="$(compose ps --services --status running | grep -E '^(source|views|sink|services|gateway)-|^pgbouncer$' | tr '\n' ' ')"
  echo "ending $stopped"
  # shellcheck disable=SC2086 # one word each
  [ -z "$stopped" ] || compose stop $stopped
fi

connected="$(ask "SELECT string_agg(DISTINCT coalesce(nullif(application_name, ''), 'unnamed'), ', ') FROM pg_stat_activity WHERE datname = '$database'")"
if [ -n "$connected" ]; then
  echo "somebody is connected to database $database: $connected; end them, and run this again" >&2
  exit 1
fi

fresh="${database}_restoring"
before="${database}_before_$(date -u +%Y%m%dt%H%M%Sz)"
ask "DROP DATABASE IF EXISTS $fresh"
ask "CREATE DATABASE $fresh TEMPLATE template0"
# Rights in the backup are of these; the hub says more of them when it starts.
for role in analyst gateway; do
  [ "$(ask "SELECT count(*) FROM pg_roles WHERE rolname = '$role'")" = 1 ] || ask "CREATE ROLE $role NOLOGIN"
done
echo "reading $file"
run pg_restore --exit-on-error --single-transaction --dbname "$fresh" < "$file"
if [ "$(ask "SELECT count(*) FROM pg_database WHERE datname = '$database'")" = 1 ]; then
  ask "ALTER DATABASE $database RENAME TO $before"
  echo "what was there is database $before now; drop it when all is well"
fi
ask "ALTER DATABASE $fresh RENAME TO $database"
echo "database $database is the backup's"

if [ -n "$stopped" ]; then
  echo "starting $stopped"
  # shellcheck disable=SC2086
  compose start $stopped
fi
