#!/usr/bin/env bash
# Asks new versions, which nothing invokes yet, whether they start: with their secrets, variables and rights.
#
#   APP_VERSION=1.2.3 infrastructure/deploy/starts.sh < versions    # lines of FUNCTION ALIAS VERSION
#
# The event is a request for /health and an empty batch of messages at once, so that every function finds in it what it knows, and does
# nothing (to the rollup a batch is no tick). Not asked is the sweeper, which begins to sweep whatever it is given.
set -euo pipefail
: "${APP_VERSION:?}"
here=$(dirname "${BASH_SOURCE[0]}")
source "$here/aws.sh"

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# says_its_version: the answer is that of /health in this version, or that of an empty batch.
says_its_version() {
  jq -es --arg version "$APP_VERSION" \
    '.[0] | if .statusCode then .statusCode == 200 and (.body | fromjson | .version == $version) else .batchItemFailures == [] end' \
    "$answer" >/dev/null
}

failed=0
while read -r function version; do
  # A version is published before Lambda has prepared its image.
  aws lambda wait published-version-active --function-name "$function" --qualifier "$version"
  problem=$(aws lambda invoke --function-name "$function" --qualifier "$version" --cli-binary-format raw-in-base64-out \
    --payload "file://$here/start-event.json" --query FunctionError --output text "$answer")
  if [[ $problem == None ]] && says_its_version; then
    echo "ok: $function starts in version $version" >&2
  else
    echo "FAILED: $function in version $version answers:" >&2
    head -c 2000 "$answer" >&2
    echo >&2
    failed=1
  fi
done < <(awk '$1 !~ /-sweeper$/ { print $1, $3 }')
exit "$failed"
