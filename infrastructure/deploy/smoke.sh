#!/usr/bin/env bash
# Asks a deployed system whether it works: it serves the expected version (without APP_VERSION: any), takes a signed ping, and refuses a ping
# that is signed with another secret.
#
#   BASE_URL=https://… APP_VERSION=1.2.3 WEBHOOK_SECRET=… infrastructure/deploy/smoke.sh
#
# WEBHOOK_SECRET is what Secrets Manager holds: the secret, or JSON with `current` (and `previous`). It is never printed, and never an argument
# of a command, where others on the machine could read it.
set -euo pipefail
: "${BASE_URL:?}" "${WEBHOOK_SECRET:?}"
version=${APP_VERSION:-}

attempts=${SMOKE_ATTEMPTS:-10}
pause=${SMOKE_PAUSE:-3}
body='{"zen":"Approachable is better than simple.","hook_id":1}'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The functions take either form of the secret; so do we.
sign() {
  SMOKE_BODY=$body node -e '
    const { createHmac } = require("node:crypto")
    const text = process.env.WEBHOOK_SECRET
    let secret = text.trim()
    try { const json = JSON.parse(text); if (json !== null && typeof json === "object") secret = json.current } catch {}
    process.stdout.write("sha256=" + createHmac("sha256", secret + process.argv[1]).update(process.env.SMOKE_BODY).digest("hex"))
  ' -- "$1"
}

# status METHOD PATH [HEADER...]: the status of the answer, whose body is then in $work/answer; 000 where there was none.
status() {
  local method=$1 path=$2 headers=()
  shift 2
  for header in "$@"; do headers+=(--header "$header"); done
  [[ $method == GET ]] || headers+=(--header "Content-Type: application/json" --data-binary "$body")
  : >"$work/answer"
  curl --silent --show-error --max-time 15 --output "$work/answer" --write-out '%{http_code}' --request "$method" \
    ${headers[@]+"${headers[@]}"} "${BASE_URL%/}$path" || true
}

ping() {
  status POST /webhooks/github "X-GitHub-Event: ping" "X-GitHub-Delivery: 00000000-0000-4000-8000-000000000000" \
    "X-Hub-Signature-256: $(sign "$1")"
}

serves_version() {
  [[ $(status GET /health) == 200 ]] &&
    node -e 'process.exit(["", JSON.parse(require("fs").readFileSync(0, "utf8")).version].includes(process.argv[1]) ? 0 : 1)' -- "$version" \
      <"$work/answer" 2>/dev/null
}

# expect WHAT COMMAND...: new instances may take a moment, and old ones answer meanwhile.
expect() {
  local what=$1
  shift
  for ((attempt = 1; attempt <= attempts; attempt++)); do
    if "$@"; then
      echo "ok: $what"
      return
    fi
    ((attempt == attempts)) || sleep "$pause"
  done
  echo "FAILED: $what; the last answer was:" >&2
  head -c 2000 "$work/answer" >&2
  echo >&2
  exit 1
}

takes_ping() { [[ $(ping "") == 202 ]]; }
refuses_forgery() { [[ $(ping "-forged") == 401 ]]; }

expect "/health answers${version:+ as version $version}" serves_version
expect "a signed ping is taken" takes_ping
expect "a forged ping is refused" refuses_forgery
