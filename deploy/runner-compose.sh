#!/usr/bin/env bash
# Starts and stops a colour of the gateway as a service of docker-compose.production.yml: see blue-green.sh.
#
#   runner-compose.sh start blue|green [previous]   with the image MILLRACE_IMAGE, or with the one that the colour ran before
#   runner-compose.sh stop blue|green
#   runner-compose.sh url blue|green
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
compose() { docker compose --file "$here/../docker-compose.production.yml" --env-file "${MILLRACE_ENV:-$here/.env}" "$@"; }
colour="${2:?blue or green}"
kept="$here/nginx/state/image-$colour"

case "${1:-}" in
  start)
    if [ "${3:-}" = previous ]; then
      MILLRACE_IMAGE="$(cat "$kept")"
      export MILLRACE_IMAGE
    fi
    compose up --detach --no-deps --force-recreate "gateway-$colour"
    docker inspect --format '{{.Config.Image}}' "$(compose ps --quiet "gateway-$colour")" > "$kept"
    ;;
  stop) compose rm --stop --force "gateway-$colour" >/dev/null 2>&1 || true ;;
  # Health and metrics are reached from this machine, not through nginx.
  url) if [ "$colour" = blue ]; then echo http://127.0.0.1:18081; else echo http://127.0.0.1:18082; fi ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
