#!/usr/bin/env bash
# May this deployment go on? Writes its answers to $GITHUB_OUTPUT, and fails with the reason where it may not.
#
#   ENVIRONMENT=prod DEPLOYERS="ada, grace" APPROVE= infrastructure/deploy/gate.sh
#
#   sha    the commit that is deployed; the CI of main was green on it
#   apply  whether the plan is applied in this very run: where GitHub asks reviewers first, in dev, and where this run is the approval
#   plan, sha256, version, digest   of the plan that is approved; APPROVE is the id of the run that made it
#
# Without required reviewers (private repositories have them with GitHub Enterprise only), those in DEPLOYERS deploy. A plan for prod is
# applied by a second run then, which another of them starts, or the same where there is one only. GitHub says who started a run.
set -euo pipefail
: "${ENVIRONMENT:?}" "${GITHUB_REPOSITORY:?}" "${GITHUB_SHA:?}" "${GITHUB_TRIGGERING_ACTOR:?}" "${GITHUB_OUTPUT:?}"
api="repos/$GITHUB_REPOSITORY"
read -ra deployers <<<"$(tr ',\n' '  ' <<<"${DEPLOYERS:-}" | tr '[:upper:]' '[:lower:]')"
actor=$(tr '[:upper:]' '[:lower:]' <<<"$GITHUB_TRIGGERING_ACTOR")

refuse() {
  echo "::error::$1"
  exit 1
}
answer() { echo "$1=$2" >>"$GITHUB_OUTPUT"; }

# An environment that is not there is not protected; every other trouble ends this.
reviewers() {
  local problems count
  problems=$(mktemp)
  if count=$(gh api "$api/environments/$ENVIRONMENT" \
    --jq '[.protection_rules[]? | select(.type == "required_reviewers") | .reviewers[]?] | length' 2>"$problems"); then
    echo "$count"
  elif grep -q 'HTTP 404' "$problems"; then
    echo 0
  else
    cat "$problems" >&2
    return 1
  fi
}

ci_is_green() {
  local runs
  runs=$(gh api "$api/actions/workflows/ci.yml/runs?head_sha=$1&branch=main&event=push&status=success" --jq .total_count)
  [[ $runs =~ ^[1-9] ]] || refuse "CI on main did not succeed for $1: only what is green there is deployed"
}

is_deployer() { [[ " ${deployers[*]-} " == *" $actor "* ]]; }

# Reads what the approved run says of itself, and what it left.
approved() {
  local run path sha conclusion asker folder
  [[ $APPROVE =~ ^[0-9]+$ ]] || refuse "approve is the id of a run: the number in its address"
  run=$(gh api "$api/actions/runs/$APPROVE" \
    --jq '[(.path | split("@")[0]), .head_sha, (.conclusion // .status), (.triggering_actor.login | ascii_downcase)] | join(" ")')
  read -r path sha conclusion asker <<<"$run"
  [[ $path == .github/workflows/deploy.yml && $conclusion == success ]] || refuse "run $APPROVE made no plan: it is a run of $path ($conclusion)"
  [[ $asker != "$actor" || ${#deployers[@]} -eq 1 ]] || refuse "$actor asked for this plan, so another of the deployers approves it"
  folder=$(mktemp -d)
  gh run download "$APPROVE" --repo "$GITHUB_REPOSITORY" --name plan --dir "$folder"
  jq -e --arg environment "$ENVIRONMENT" --arg sha "$sha" '.environment == $environment and .sha == $sha' "$folder/plan.json" >/dev/null ||
    refuse "run $APPROVE planned something else than $sha for $ENVIRONMENT"
  for name in plan sha256 version digest; do answer "$name" "$(jq -er ".$name" "$folder/plan.json")"; done
  ci_is_green "$sha"
  answer sha "$sha"
}

required=$(reviewers)
if ((required == 0)); then
  ((${#deployers[@]} > 0)) || refuse "$ENVIRONMENT has no required reviewers, and DEPLOYERS is empty: no one may deploy"
  is_deployer || refuse "$ENVIRONMENT has no required reviewers, and $actor is not in DEPLOYERS"
fi

if [[ -n ${APPROVE:-} ]]; then
  ((required == 0)) || refuse "$ENVIRONMENT has required reviewers: they approve in the run that made the plan"
  approved
  answer apply true
else
  ci_is_green "$GITHUB_SHA"
  answer sha "$GITHUB_SHA"
  if ((required > 0)) || [[ $ENVIRONMENT == dev ]]; then answer apply true; else answer apply false; fi
fi
