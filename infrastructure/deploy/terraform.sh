#!/usr/bin/env bash
# Terraform on one environment as the workflows call it: its settings come through variables, and no file of a person's machine is needed.
#
#   export ENVIRONMENT=dev STATE_BUCKET=… AWS_REGION=…
#   TFVARS="$(cat terraform.tfvars)" infrastructure/deploy/terraform.sh init [OPTION...]
#   infrastructure/deploy/terraform.sh release                        # what the state says is deployed, as JSON; nothing where nothing is
#   infrastructure/deploy/terraform.sh plan RELEASE [OPTION...]       # writes deployment.tfplan; exits as `terraform plan` does
#   infrastructure/deploy/terraform.sh show                           # that plan as text, without the account's number
#
# ENVIRONMENT_DIR: the environment's folder, if it is in another checkout.
set -euo pipefail
: "${ENVIRONMENT:?}"
cd "${ENVIRONMENT_DIR:-$(dirname "${BASH_SOURCE[0]}")/../terraform/environments/$ENVIRONMENT}"

init() {
  : "${STATE_BUCKET:?}" "${AWS_REGION:?}"
  [[ -z ${TFVARS:-} ]] || printf '%s\n' "$TFVARS" >terraform.tfvars
  terraform init -input=false -backend-config="bucket=$STATE_BUCKET" -backend-config="key=state/$ENVIRONMENT.tfstate" \
    -backend-config="region=$AWS_REGION" -backend-config=use_lockfile=true "$@"
}

release() {
  terraform output -json | jq -c '.release.value // empty'
}

# Who plans writes no state, so it takes no lock: a saved plan on a state that has changed since is refused when it is applied.
plan() {
  local release=$1
  shift
  [[ -n $release ]] || { echo "There is no release to plan with: nothing is deployed to $ENVIRONMENT yet." >&2 && exit 1; }
  jq -en --argjson release "$release" '{ release: $release }' >release.auto.tfvars.json
  terraform plan -input=false -lock=false -out=deployment.tfplan "$@"
}

# For people: colourless, and within the size that GitHub takes for a summary.
show() {
  local account
  account=$(aws sts get-caller-identity --query Account --output text)
  [[ $account =~ ^[0-9]{12}$ ]] || { echo "AWS does not say which account this is" >&2 && exit 1; }
  terraform show -no-color deployment.tfplan | sed "s/$account/ACCOUNT/g" | head -c 900000
}

case ${1:-} in
  init) shift && init "$@" ;;
  release) release ;;
  plan) shift && plan "$@" ;;
  show) show ;;
  *) echo "usage: terraform.sh init [OPTION...] | release | plan RELEASE [OPTION...] | show" >&2 && exit 2 ;;
esac
