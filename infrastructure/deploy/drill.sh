#!/usr/bin/env bash
# The restore drill: restores the event log and the ledger beside the running tables, has the dashboard's lists and figures made anew from the
# restored log alone, and removes it all again. Nothing of the running system is touched, but its tables are read.
#
#   SYSTEM=dispatcher-prod infrastructure/deploy/drill.sh
#
# KEEP=true leaves the restored tables (called SYSTEM-…-drill) for a look. Restoring takes AWS minutes, and hours for large tables; the tables
# cost what they hold meanwhile. Needs point-in-time recovery, Node with `npm ci` done, and credentials that may restore and delete tables.
set -euo pipefail
: "${SYSTEM:?}"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source infrastructure/deploy/aws.sh
pause=${DRILL_PAUSE:-20}

state_of() {
  unless_missing ResourceNotFoundException aws dynamodb describe-table --table-name "$1" --query Table.TableStatus --output text
}

clean_up() {
  [[ ${KEEP:-false} != true ]] || { echo "Left: ${made[*]}" >&2 && return; }
  for table in "${made[@]}"; do
    aws dynamodb delete-table --table-name "$table" >/dev/null && echo "$table is removed" >&2
  done
}

# Tables of an earlier drill would be taken for what this one restores.
for table in events ledger projections; do
  [[ -z $(state_of "$SYSTEM-$table-drill") ]] || { echo "$SYSTEM-$table-drill exists: remove it first" >&2 && exit 1; }
done

made=()
trap clean_up EXIT
for table in events ledger; do
  aws dynamodb restore-table-to-point-in-time --source-table-name "$SYSTEM-$table" --target-table-name "$SYSTEM-$table-drill" \
    --use-latest-restorable-time >/dev/null
  made+=("$SYSTEM-$table-drill")
done
# Empty, with the keys of the running one.
aws dynamodb describe-table --table-name "$SYSTEM-projections" --output json |
  jq --arg name "$SYSTEM-projections-drill" \
    '.Table | { TableName: $name, KeySchema, AttributeDefinitions, BillingMode: "PAY_PER_REQUEST" }' >"${TMPDIR:-/tmp}/$SYSTEM-drill.json"
aws dynamodb create-table --cli-input-json "file://${TMPDIR:-/tmp}/$SYSTEM-drill.json" >/dev/null
made+=("$SYSTEM-projections-drill")

for table in "${made[@]}"; do
  echo "waiting for $table" >&2
  until [[ $(state_of "$table") == ACTIVE ]]; do sleep "$pause"; done
done

EVENTS_TABLE=$SYSTEM-events-drill PROJECTIONS_TABLE=$SYSTEM-projections-drill LEDGER_TABLE=$SYSTEM-ledger-drill \
  npm run --silent dispatcher -- rebuild --aws
