#!/usr/bin/env bash
# Starts and stops a colour of the gateway as a process of this machine: see blue-green.sh.
#
#   runner-process.sh start blue|green [previous]
#   runner-process.sh stop blue|green
#   runner-process.sh url blue|green
#
# Settings, by environment: MILLRACE_COMMAND (what starts a hub, such as "/opt/millrace/bin/millrace run --config"), then for each colour
# MILLRACE_BLUE_CONFIG and MILLRACE_BLUE_URL, MILLRACE_GREEN_CONFIG and MILLRACE_GREEN_URL; MILLRACE_STATE, where pids and logs are.
set -euo pipefail

colour="${2:?blue or green}"
upper="$(echo "$colour" | tr '[:lower:]' '[:upper:]')"
config="MILLRACE_${upper}_CONFIG"
url="MILLRACE_${upper}_URL"
pid_file="${MILLRACE_STATE:?}/pid-$colour"
stop_seconds="${MILLRACE_STOP_SECONDS:-40}"

is_alive() { [ -f "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null; }

case "${1:-}" in
  start)
    # shellcheck disable=SC2086 # the command is meant to be split
    setsid ${MILLRACE_COMMAND:?} "${!config}" > "$MILLRACE_STATE/$colour.log" 2>&1 < /dev/null 9>&- &
    echo $! > "$pid_file"
    ;;
  stop)
    if is_alive; then
      pid="$(cat "$pid_file")"
      kill -TERM "$pid"
      deadline=$((SECONDS + stop_seconds))
      while is_alive && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
      if is_alive; then
        echo "$colour did not end within $stop_seconds s, and is killed" >&2
        kill -KILL "$pid"
      fi
    fi
    rm -f "$pid_file"
    ;;
  url) echo "${!url}" ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
