# What the scripts beside this one share; they source it.
# shellcheck shell=bash

# AWS asks a client that is too fast to wait, and the command line does so, this often.
export AWS_RETRY_MODE=${AWS_RETRY_MODE:-standard} AWS_MAX_ATTEMPTS=${AWS_MAX_ATTEMPTS:-8}

# unless_missing ERROR COMMAND...: what the command prints. Where it fails with that error of AWS (such as ResourceNotFoundException), the answer
# is nothing, and the status 0. Whatever else goes wrong, a refusal or a throttle, is said and fails.
unless_missing() {
  local error=$1 problems status=0
  shift
  problems=$(mktemp)
  "$@" 2>"$problems" || status=$?
  if ((status == 0)) || grep -q "($error)" "$problems"; then
    rm "$problems"
    return 0
  fi
  cat "$problems" >&2
  rm "$problems"
  return "$status"
}

# digest_of REPOSITORY TAG: the digest of the image with this tag; nothing where there is none.
digest_of() {
  local digest
  digest=$(unless_missing ImageNotFoundException aws ecr describe-images --repository-name "$1" --image-ids "imageTag=$2" \
    --query 'imageDetails[0].imageDigest' --output text) || return
  [[ -z $digest || $digest =~ ^sha256:[0-9a-f]{64}$ ]] || {
    echo "the registry $1 names $digest as the digest of $2" >&2
    return 1
  }
  printf '%s' "$digest"
}

# log_in REPOSITORY: has Docker push to and pull from the registry of this name; prints its address.
log_in() {
  local url
  url=$(aws ecr describe-repositories --repository-names "$1" --query 'repositories[0].repositoryUri' --output text)
  aws ecr get-login-password | docker login --username AWS --password-stdin "${url%%/*}" >&2
  printf '%s' "$url"
}
