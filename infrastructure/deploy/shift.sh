#!/usr/bin/env bash
# Gives new versions a share of the work, watches the alarms for a while, and then gives them all of it, or takes it back.
#
#   SYSTEM=dispatcher-dev infrastructure/deploy/shift.sh < versions    # lines of FUNCTION ALIAS VERSION: what is to run
#
# SHIFT_PERCENT (10) goes to the new versions for SHIFT_SECONDS (300), and the alarms are looked at every SHIFT_PAUSE (15) seconds. It does not
# begin while an alarm of the system rings, unless DESPITE_TROUBLE is true: then those that ring already are not counted. Fails where it
# went back, and where it could not go back says so.
set -euo pipefail
: "${SYSTEM:?}"
here=$(dirname "${BASH_SOURCE[0]}")
source "$here/aws.sh"

percent=${SHIFT_PERCENT:-10} seconds=${SHIFT_SECONDS:-300} pause=${SHIFT_PAUSE:-15}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ringing: the names of the system's alarms that ring now, one a line.
ringing() {
  aws cloudwatch describe-alarms --alarm-name-prefix "$SYSTEM-" --state-value ALARM --query 'MetricAlarms[].AlarmName' --output text |
    tr '\t' '\n' | sed '/^$/d; /^None$/d' | sort
}

go_back() {
  trap '' INT TERM
  echo "Back: $1" >&2
  "$here/aliases.sh" move <"$work/before" || echo "NOT ALL went back: see above" >&2
  exit 1
}

# watch: looks at the alarms until the time is over. What cannot be seen for three looks in a row counts as trouble.
watch() {
  local blind=0 new
  for ((waited = 0; waited < seconds; waited += pause)); do
    sleep "$pause" &
    wait $!
    if ringing >"$work/now"; then blind=0; else
      ((++blind < 3)) || go_back "the alarms cannot be seen"
      continue
    fi
    new=$(comm -13 "$work/ringing" "$work/now" | paste -sd ' ')
    [[ -z $new ]] || go_back "$new"
  done
}

cat >"$work/wanted"
mapfile -t aliases < <(awk '{ print $1 ":" $2 }' "$work/wanted")
"$here/aliases.sh" save "${aliases[@]}" >"$work/now-named"
# Only what changes: an alias that Terraform has just made names the new version already.
grep -vxFf "$work/wanted" "$work/now-named" >"$work/before" || true
if [[ ! -s $work/before ]]; then
  echo "Every alias names its version already." >&2
  exit 0
fi
awk 'NR == FNR { changes[$1, $2]; next } ($1, $2) in changes' "$work/before" "$work/wanted" >"$work/after"

ringing >"$work/ringing"
if [[ -s $work/ringing && ${DESPITE_TROUBLE:-false} != true ]]; then
  echo "Not begun: these alarms ring already: $(paste -sd ' ' "$work/ringing")" >&2
  exit 1
fi

trap 'go_back "the deployment was stopped"' INT TERM
"$here/aliases.sh" weigh "$percent" <"$work/after" || go_back "an alias could not be changed"
watch
"$here/aliases.sh" move <"$work/after" || go_back "an alias could not be moved"
