#!/usr/bin/env bash
# Backs up the analytics database: what the hub cannot make again is in there. Hubs go on meanwhile.
#
#   backup.sh FOLDER      writes FOLDER/analytics-<UTC time>.dump, reads it again, and removes those older than MILLRACE_KEEP_DAYS (14)
#
# The database is that of docker-compose.production.yml, or, where PGHOST is set, the one that libpq's variables name (PGHOST, PGPORT,
# PGUSER, PGPASSWORD or a file ~/.pgpass), with a pg_dump that is no older than the server.
set -euo pipefail
umask 077

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
database="${MILLRACE_DATABASE:-analytics}"
keep="${MILLRACE_KEEP_DAYS:-14}"
folder="${1:-}"
if [ -z "$folder" ] || [ "${folder#-}" != "$folder" ]; then
  sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit 2
fi

# shellcheck source=SCRIPTDIR/database.sh
. "$here/database.sh"

mkdir -p "$folder"
file="$folder/analytics-$(date -u +%Y%m%dT%H%M%SZ).dump"
trap 'rm -f "$file.part"' EXIT
run pg_dump --format custom --dbname "$database" > "$file.part"
# A dump that cannot be read is no backup.
tables="$(run pg_restore --list < "$file.part" | grep -c ' TABLE DATA ')"
mv "$file.part" "$file"
find "$folder" -maxdepth 1 -name 'analytics-*.dump' -mtime "+$keep" -delete
echo "$file: $tables tables, $(du -h "$file" | cut -f1)"
