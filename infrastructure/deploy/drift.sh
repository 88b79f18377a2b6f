#!/usr/bin/env bash
# Is an environment what was deployed? Plans with the very commit and image that the state names, and asks every alias for its version.
# Prints what differs, for people; nothing where nothing does. Fails where it cannot be said.
#
#   ENVIRONMENT=prod STATE_BUCKET=… AWS_REGION=… TFVARS=… infrastructure/deploy/drift.sh
#
# Needs the history of the repository: a version ends with the commit that it is of.
set -euo pipefail
: "${ENVIRONMENT:?}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'git -C "$here" worktree remove --force "$work/deployed" 2>/dev/null || true; rm -rf "$work"' EXIT

"$here/terraform.sh" init >&2
release=$("$here/terraform.sh" release)
if [[ -z $release ]]; then
  echo "Nothing is deployed to $ENVIRONMENT." >&2
  exit 0
fi
commit=$(jq -r '.version | split("+")[1] // empty' <<<"$release")
[[ $commit =~ ^[0-9a-f]{7,40}$ ]] || { echo "The version $(jq .version <<<"$release") names no commit to compare with." >&2 && exit 1; }
git -C "$here" worktree add --quiet --detach "$work/deployed" "$commit" >&2
export ENVIRONMENT_DIR=$work/deployed/infrastructure/terraform/environments/$ENVIRONMENT

"$here/terraform.sh" init >&2
status=0
"$here/terraform.sh" plan "$release" -detailed-exitcode >&2 || status=$?
case $status in
  0) ;;
  2) "$here/terraform.sh" show ;;
  *) echo "Terraform could not plan." >&2 && exit 1 ;;
esac

outputs=$(terraform -chdir="$ENVIRONMENT_DIR" output -json)
jq '.versions.value // {}' <<<"$outputs" | "$here/aliases.sh" wanted | sort >"$work/deployed-versions"
mapfile -t aliases < <(jq -r '.versions.value // {} | keys[]' <<<"$outputs")
"$here/aliases.sh" save "${aliases[@]}" | sort >"$work/named"
comm -13 "$work/deployed-versions" "$work/named" | awk '{ print "The alias " $1 ":" $2 " names version " $3 ", which is not the one that was deployed." }'
