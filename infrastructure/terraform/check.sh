#!/usr/bin/env bash
# Formats (checked, not changed), lints, validates and tests all Terraform code, without credentials and without any backend.
#
# tflint looks at what is declared and not used, and the like; where it is not installed, that is skipped.
# Where the AWS provider cannot be downloaded, a folder with the tool `tf-offline` stands in for it: $TERRAFORM_OFFLINE, or
# ../shared/terraform-offline beside the repository. Nothing is written into the repository.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
offline=${TERRAFORM_OFFLINE:-$here/../../../shared/terraform-offline}
# The longest first.
roots=(modules/dispatcher bootstrap environments/prod environments/dev examples/two-accounts examples/smallest modules/function modules/queue)

if ! command -v "${TERRAFORM:-terraform}" >/dev/null; then
  if [[ ${CI:-} == true ]]; then
    echo "Terraform is not installed, so nothing of it was checked." >&2
    exit 1
  fi
  printf '\n!! SKIPPED: Terraform is not installed, so infrastructure/terraform was not checked.\n\n' >&2
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The stand-in checks ARNs as the provider does, which `mock_provider` does not switch off.
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_OFFLINE_REAL_RULES=1

echo "terraform fmt"
"${TERRAFORM:-terraform}" -chdir="$here" fmt -check -diff -recursive

lint() {
  if command -v "${TFLINT:-tflint}" >/dev/null; then
    echo "tflint"
    # Before 0.52 it takes --recursive or --chdir, and not both.
    (cd "$here" && "${TFLINT:-tflint}" --recursive --config="$here/.tflint.hcl" --no-color)
  else
    printf '\n!! SKIPPED: tflint is not installed, so nothing was linted.\n\n' >&2
  fi
}
lint

if [[ -d $offline ]]; then
  # The folder may be read-only, and its packages not installed.
  cp -R "$offline/." "$work/tool"
  chmod -R u+w "$work/tool"
  [[ -d $work/tool/node_modules ]] || (cd "$work/tool" && npm ci --ignore-scripts --no-audit --no-fund --silent)
  check() { "$work/tool/tf-offline" "$1" "$here/$2"; }
else
  # A copy, so that neither lock files nor providers end up in the repository.
  cp -R "$here/." "$work/terraform"
  mkdir "$work/plugins"
  export TF_PLUGIN_CACHE_DIR=$work/plugins TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE=1
  # One after the other: they share the downloaded provider.
  for root in "${roots[@]}"; do
    "${TERRAFORM:-terraform}" -chdir="$work/terraform/$root" init -backend=false -input=false >/dev/null
  done
  check() { "${TERRAFORM:-terraform}" -chdir="$work/terraform/$2" "$1"; }
fi

check_root() {
  printf '\nterraform validate, %s\n' "$1"
  check validate "$1" || return
  printf 'terraform test, %s\n' "$1"
  check test "$1"
}

# Side by side, each into a log of its own; the logs are shown in order.
declare -A running
for root in "${roots[@]}"; do
  check_root "$root" >"$work/${root//\//-}.log" 2>&1 &
  running[$root]=$!
done
failed=()
for root in "${roots[@]}"; do
  wait "${running[$root]}" || failed+=("$root")
  cat "$work/${root//\//-}.log"
done
if ((${#failed[@]} > 0)); then
  printf '\nFAILED: %s\n' "${failed[*]}" >&2
  exit 1
fi
