# shellcheck shell=bash
# For backup.sh and restore.sh: runs a client of Postgres where the analytics database is.
deploy="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
compose() {
  docker compose --file "$deploy/../docker-compose.production.yml" --env-file "${MILLRACE_ENV:-$deploy/.env}" "$@"
}
run() {
  if [ -n "${PGHOST:-}" ]; then "$@"; else compose exec -T --env PGUSER=postgres analytics "$@"; fi
}
# The answer of a query in the database postgres, as plain text.
ask() { run psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname postgres --command "$1"; }
