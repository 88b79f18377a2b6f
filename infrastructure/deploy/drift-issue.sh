#!/usr/bin/env bash
# One issue says that an environment is not what was deployed: opened once, brought up to date, and closed when nothing differs any more.
#
#   ENVIRONMENT=prod infrastructure/deploy/drift-issue.sh FILE    # what drift.sh printed
set -euo pipefail
: "${ENVIRONMENT:?}" "${GITHUB_REPOSITORY:?}" "${1:?}"
title="$ENVIRONMENT is not what was deployed"
run="${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/actions/runs/${GITHUB_RUN_ID:-}"

number=$(gh issue list --repo "$GITHUB_REPOSITORY" --label drift --state open --limit 100 --json number,title |
  jq -r --arg title "$title" '[.[] | select(.title == $title)][0].number // empty')

if [[ ! -s $1 ]]; then
  [[ -z $number ]] || gh issue close "$number" --repo "$GITHUB_REPOSITORY" --comment "Nothing differs any more: $run"
  exit 0
fi

body=$(mktemp)
trap 'rm -f "$body"' EXIT
# An issue holds 65,536 characters.
{
  echo "\`$ENVIRONMENT\` was changed beside the pipeline, or a deployment was rolled back. This is what the next deployment of the same"
  echo "commit would change. As of $run; \`infrastructure/README.md\` says what to do (Troubleshooting)."
  echo
  echo '````'
  head -c 60000 "$1"
  echo
  echo '````'
} >"$body"

if [[ -n $number ]]; then
  gh issue edit "$number" --repo "$GITHUB_REPOSITORY" --body-file "$body"
else
  gh label create drift --repo "$GITHUB_REPOSITORY" --description "An environment is not what was deployed" --force
  gh issue create --repo "$GITHUB_REPOSITORY" --title "$title" --label drift --body-file "$body"
fi
