#!/usr/bin/env bash
# Shows a plan on the pull request that it is of, in one comment for each environment, which later plans replace.
#
#   ENVIRONMENT=prod PULL_REQUEST=7 infrastructure/deploy/plan-comment.sh FILE
set -euo pipefail
: "${ENVIRONMENT:?}" "${GITHUB_REPOSITORY:?}" "${PULL_REQUEST:?}" "${1:?}"
marker="<!-- plan for $ENVIRONMENT -->"

body=$(mktemp)
trap 'rm -f "$body"' EXIT
# A comment holds 65,536 characters.
{
  echo "$marker"
  echo "Plan for \`$ENVIRONMENT\` with the image that runs there: $(grep -m 1 -E '^(Plan:|No changes\.)' "$1" || echo "only outputs change.")"
  echo
  echo '<details><summary>All of it</summary>'
  echo
  echo '````'
  head -c 60000 "$1"
  echo
  echo '````'
  echo '</details>'
} >"$body"

comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
earlier=$(gh api --paginate "$comments" | jq -rs --arg marker "$marker" \
  '[.[][] | select(.user.login == "github-actions[bot]" and (.body | startswith($marker)))][0].id // empty')
if [[ -n $earlier ]]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$earlier" -F "body=@$body" --silent
else
  gh api --method POST "$comments" -F "body=@$body" --silent
fi
