#!/usr/bin/env bash
# Brings all hubs but the gateways to the version MILLRACE_IMAGE, one after the other: the next one only when the one before does its work.
# Each takes up where it was; another hub does its work meanwhile, where there are two. One that does not become ready goes back to the
# version that it ran before, and the script ends: nothing else has changed. For gateways: blue-green.sh.
#
#   MILLRACE_IMAGE=millrace:0.2.0 deploy/rolling.sh
#
# It may be ended at any time and run again: those that have the version and are ready stay as they are.
#
# Settings, by environment: MILLRACE_READY_SECONDS (300)
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ready_seconds="${MILLRACE_READY_SECONDS:-300}"
image="${MILLRACE_IMAGE:?the version, such as millrace:0.2.0}"

# shellcheck source=SCRIPTDIR/database.sh
. "$here/database.sh"

say() { echo "rolling: $*"; }
of() { docker inspect --format "$2" "$(compose ps --all --quiet "$1")" 2>/dev/null || true; }
replace() { MILLRACE_IMAGE="$2" compose up --detach --no-deps --force-recreate "$1" >/dev/null 2>&1; }

await_ready() {
  local deadline=$((SECONDS + ready_seconds))
  until [ "$(of "$1" '{{.State.Health.Status}}')" = healthy ]; do
    if [ $SECONDS -ge $deadline ]; then return 1; fi
    sleep 1
  done
}

exec 9> "$here/nginx/state/rolling.lock"
flock --nonblock 9 || { say "another one is at work" >&2; exit 1; }

# The ones that stand by first, so that work moves once.
for hub in source-2 source-1 views-2 views-1 sink-1 services-1; do
  before="$(of "$hub" '{{.Config.Image}}')"
  if [ "$before" = "$image" ] && [ "$(of "$hub" '{{.State.Health.Status}}')" = healthy ]; then
    say "$hub has $image, and is ready"
    continue
  fi
  begun=$SECONDS
  replace "$hub" "$image"
  if await_ready "$hub"; then
    say "$hub has $image, ready after $((SECONDS - begun)) s"
  else
    say "$hub was not ready within $ready_seconds s with $image: its last lines are"
    compose logs --no-log-prefix --tail 5 "$hub"
    if [ -n "$before" ] && [ "$before" != "$image" ]; then
      replace "$hub" "$before"
      say "$hub has $before again"
    fi
    exit 1
  fi
done
say "all have $image; now the gateways: deploy/blue-green.sh deploy"
