#!/usr/bin/env bash
# The smoke test of an environment: where it is and how it is signed for, its Terraform outputs say.
#
#   ENVIRONMENT=dev APP_VERSION=1.2.3 infrastructure/deploy/try.sh    # without APP_VERSION: any version
set -euo pipefail
: "${ENVIRONMENT:?}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

outputs=$(terraform -chdir="$here/../terraform/environments/$ENVIRONMENT" output -json)
BASE_URL=$(jq -er .base_url.value <<<"$outputs")
WEBHOOK_SECRET=$(aws secretsmanager get-secret-value --secret-id "$(jq -er .secrets.value.webhook_secret <<<"$outputs")" \
  --query SecretString --output text)
export BASE_URL WEBHOOK_SECRET
exec "$here/smoke.sh"
