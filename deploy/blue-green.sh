#!/usr/bin/env bash
# Deploys a new version of the gateway without a failed request: starts the colour that is not active, waits until it is ready, switches
# nginx to it, watches it, and stops the other. If it does not become ready, or serves errors, everything stays on, or goes back to, the
# old colour.
#
#   deploy/blue-green.sh deploy     the version that is configured now (with compose: MILLRACE_IMAGE)
#   deploy/blue-green.sh rollback   back to the other colour, in the version that it ran before
#   deploy/blue-green.sh status     which colour is active, and what each says
#
# It may be ended at any time and run again: what it finds is the state. One at a time: a second one refuses to start.
#
# Settings, by environment:
#   MILLRACE_RUNNER   what starts and stops a colour: a script with the operations start, stop, url (default: deploy/runner-compose.sh)
#   MILLRACE_STATE    folder of the switch, which nginx reads (default: deploy/nginx/state)
#   MILLRACE_READY_SECONDS (180), MILLRACE_WATCH_SECONDS (30), MILLRACE_MOST_ERRORS (1, in percent of the requests while it is watched)
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
runner="${MILLRACE_RUNNER:-$here/runner-compose.sh}"
state="${MILLRACE_STATE:-$here/nginx/state}"
ready_seconds="${MILLRACE_READY_SECONDS:-180}"
watch_seconds="${MILLRACE_WATCH_SECONDS:-30}"
most_errors="${MILLRACE_MOST_ERRORS:-1}"

say() { echo "blue-green: $*"; }

active() { if [ -e "$state/green" ]; then echo green; else echo blue; fi; }
other() { if [ "$1" = blue ]; then echo green; else echo blue; fi; }

# The switch: nginx looks at it for each request.
switch_to() {
  if [ "$1" = green ]; then touch "$state/green"; else rm -f "$state/green"; fi
  say "requests go to $1"
}

get() { curl -fsS --max-time 5 "$("$runner" url "$1")$2"; }

is_ready() { get "$1" /actuator/health/readiness >/dev/null 2>&1; }

await_ready() {
  local deadline=$((SECONDS + ready_seconds))
  until is_ready "$1"; do
    if [ $SECONDS -ge $deadline ]; then
      say "$1 was not ready within $ready_seconds s: $(curl -sS --max-time 5 "$("$runner" url "$1")/actuator/health/readiness" 2>&1 | head -c 500)"
      return 1
    fi
    sleep 0.5
  done
}

# How many requests a colour answered since its start, and how many of them with a fault of its own: "answered faults".
answers() {
  get "$1" /actuator/prometheus | awk '
    /^http_server_requests_seconds_count/ && /uri="\/api\// {
      all += $2
      if ($0 ~ /status="5/ && $0 !~ /status="504"/) faults += $2
    }
    END { printf "%d %d\n", all, faults }'
}

# Whether a colour serves well for a while.
watch() {
  local colour=$1 end=$((SECONDS + watch_seconds)) before now all faults
  before="$(answers "$colour")" || { say "$colour tells no metrics"; return 1; }
  while [ $SECONDS -lt $end ]; do
    sleep 1
    if ! is_ready "$colour"; then
      say "$colour is not ready any more"
      return 1
    fi
    now="$(answers "$colour")" || { say "$colour tells no metrics"; return 1; }
    all=$((${now% *} - ${before% *}))
    faults=$((${now#* } - ${before#* }))
    if [ $((faults * 100)) -gt $((all * most_errors)) ]; then
      say "$colour answered $faults of $all requests with a fault of its own"
      return 1
    fi
  done
  say "$colour answered $all requests in $watch_seconds s, $faults of them with a fault of its own"
}

stop() {
  # Requests that were on their way when the switch changed.
  sleep 1
  "$runner" stop "$1"
  say "$1 is stopped"
}

deploy() {
  local old new
  old="$(active)"
  new="$(other "$old")"
  say "$old is active; $new starts"
  # What an earlier run left behind.
  "$runner" stop "$new"
  "$runner" start "$new"
  if ! await_ready "$new" || ! get "$new" /api/v1/openapi.json >/dev/null; then
    say "$new is stopped; $old goes on, nothing has changed"
    "$runner" stop "$new"
    return 1
  fi
  switch_to "$new"
  if ! watch "$new"; then
    switch_to "$old"
    stop "$new"
    say "rolled back: $old goes on"
    return 1
  fi
  stop "$old"
  say "deployed: $new"
}

rollback() {
  local old new
  old="$(active)"
  new="$(other "$old")"
  "$runner" stop "$new"
  "$runner" start "$new" previous
  if ! await_ready "$new"; then
    "$runner" stop "$new"
    return 1
  fi
  switch_to "$new"
  stop "$old"
  say "rolled back to $new"
}

status() {
  local colour
  say "$(active) is active"
  for colour in blue green; do
    if is_ready "$colour"; then say "$colour is ready at $("$runner" url "$colour")"; else say "$colour is not ready, or stopped"; fi
  done
}

mkdir -p "$state"
exec 9>"$state/lock"
flock -n 9 || { say "another one is at work"; exit 2; }
case "${1:-}" in
  deploy) deploy ;;
  rollback) rollback ;;
  status) status ;;
  *) sed -n '2,20s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
