#!/usr/bin/env bash
# Builds the images and sees them work, as far as that goes without GitHub and AWS. Needs Docker.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
server=
trap '[[ -z $server ]] || docker rm --force "$server" >/dev/null; rm -rf "$folder"' EXIT
ok() { echo "ok: $*"; }
fail() { printf 'FAILED: %s\n' "$@" >&2; exit 1; }
contains() { [[ $1 == *"$2"* ]] || fail "$3" "$1"; }

docker buildx build --load --target lambda --tag dispatcher-lambda:check .
docker buildx build --load --target server --tag dispatcher:check .

# The way Lambda starts it: by a user of its own, with nothing to write to. There is no environment, so it ends once it is loaded.
said=$(timeout 60 docker run --rm --read-only --user 993:990 --env AWS_LAMBDA_RUNTIME_API=127.0.0.1:9 \
  --env AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512 dispatcher-lambda:check ingress/index.handler 2>&1 || true)
contains "$said" PLAN_QUEUE_URL "the function is loaded"
[[ $said != *"V8 does not take"* ]] || fail "Lambda takes the compiled code" "$said"
docker run --rm --entrypoint test dispatcher-lambda:check -s /var/task/ingress/compiled || fail "there is compiled code"
ok "Lambda takes the compiled code"

if said=$(docker run --rm dispatcher:check 2>&1); then fail "the server starts without credentials"; fi
for name in ID SLUG PRIVATE_KEY; do contains "$said" "GITHUB_APP_$name" "the server says what is missing"; done
contains "$said" GITHUB_WEBHOOK_SECRET "the server says what is missing"
ok "the server says what is missing"

key=$(openssl genrsa 2048 2>/dev/null)
printf '%s\n' GITHUB_APP_ID=1 GITHUB_WEBHOOK_SECRET=none-at-all HOST= PORT= DATA_DIR= REDELIVERY_SWEEP=false \
  "GITHUB_APP_PRIVATE_KEY=\"${key//$'\n'/\\n}\"" > "$folder/.env"
chmod 755 "$folder" && chmod 644 "$folder/.env"
server=$(docker run --detach --read-only --volume "$folder/.env:/app/.env:ro" dispatcher:check)
for _ in {1..60}; do
  health=$(docker inspect --format '{{.State.Health.Status}}' "$server")
  [[ $health != healthy ]] || break
  sleep 1
done
[[ $health == healthy ]] || fail "the server is healthy" "$(docker logs "$server" 2>&1)"
ok "the server is healthy, on a read-only file system"

docker stop --time 15 "$server" >/dev/null
code=$(docker inspect --format '{{.State.ExitCode}}' "$server")
[[ $code == 0 ]] || fail "the server stops when it is asked to: exit code $code" "$(docker logs "$server" 2>&1)"
ok "the server stops when it is asked to"
