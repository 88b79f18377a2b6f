#!/usr/bin/env bash
# Remembers which version every alias names, and moves them back there: a rollback in seconds, without Terraform.
#
#   infrastructure/deploy/aliases.sh save FUNCTION:ALIAS... > versions
#   infrastructure/deploy/aliases.sh restore < versions
#
# An alias that is not there yet is not remembered. A line of the file is: FUNCTION ALIAS VERSION.
set -euo pipefail

save() {
  for alias in "$@"; do
    function=${alias%%:*} name=${alias##*:}
    if version=$(aws lambda get-alias --function-name "$function" --name "$name" --query FunctionVersion --output text 2>/dev/null); then
      echo "$function $name $version"
    fi
  done
}

restore() {
  local failed=0
  while read -r function name version; do
    if aws lambda update-alias --function-name "$function" --name "$name" --function-version "$version" >/dev/null; then
      echo "$function:$name is version $version again" >&2
    else
      echo "$function:$name could not be moved back to version $version" >&2
      failed=1
    fi
  done
  return "$failed"
}

case ${1:-} in
  save) shift && save "$@" ;;
  restore) restore ;;
  *) echo "usage: aliases.sh save FUNCTION:ALIAS... | restore" >&2 && exit 2 ;;
esac
