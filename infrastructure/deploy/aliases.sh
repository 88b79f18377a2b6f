#!/usr/bin/env bash
# Remembers which version every alias names, and moves aliases: the steps of a deployment, and a rollback in seconds, without Terraform.
#
#   infrastructure/deploy/aliases.sh save FUNCTION:ALIAS... > versions
#   terraform output -json versions | infrastructure/deploy/aliases.sh wanted > versions    # what the aliases are to name after an apply
#   infrastructure/deploy/aliases.sh weigh PERCENT < versions    # the alias stays, and this share of its invocations goes to the version
#   infrastructure/deploy/aliases.sh move < versions             # all of them go to the version
#
# A line of the file is: FUNCTION ALIAS VERSION. An alias that does not exist is not remembered; whatever else hinders, fails.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/aws.sh"

save() {
  local version
  for alias in "$@"; do
    version=$(unless_missing ResourceNotFoundException \
      aws lambda get-alias --function-name "${alias%%:*}" --name "${alias##*:}" --query FunctionVersion --output text)
    [[ -z $version ]] || echo "${alias%%:*} ${alias##*:} $version"
  done
}

wanted() {
  jq -r 'to_entries[] | (.key | sub(":"; " ")) + " " + .value'
}

weigh() {
  local weight
  weight=$(awk -v percent="$1" 'BEGIN { print percent / 100 }')
  while read -r function name version; do
    aws lambda update-alias --function-name "$function" --name "$name" \
      --routing-config "{\"AdditionalVersionWeights\":{\"$version\":$weight}}" >/dev/null
    echo "$function:$name gives $1 % to version $version" >&2
  done
}

# The others are moved where one cannot be.
move() {
  local failed=0
  while read -r function name version; do
    if aws lambda update-alias --function-name "$function" --name "$name" --function-version "$version" \
      --routing-config '{"AdditionalVersionWeights":{}}' >/dev/null; then
      echo "$function:$name is version $version" >&2
    else
      echo "$function:$name could not be moved to version $version" >&2
      failed=1
    fi
  done
  return "$failed"
}

case ${1:-} in
  save) shift && save "$@" ;;
  wanted) wanted ;;
  weigh) weigh "${2:?}" ;;
  move) move ;;
  *) echo "usage: aliases.sh save FUNCTION:ALIAS... | wanted | weigh PERCENT | move" >&2 && exit 2 ;;
esac
