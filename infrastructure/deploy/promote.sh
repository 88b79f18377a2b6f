#!/usr/bin/env bash
# Has prod run the very image that dev ran: it is copied from registry to registry, and keeps its digest. Two steps, each with a role of its own.
#
#   REGISTRY_NAME=dispatcher-dev IMAGE_TAG=<commit> infrastructure/deploy/promote.sh find          # prints REGISTRY-ADDRESS@DIGEST
#   REGISTRY_NAME=dispatcher-prod IMAGE_TAG=<commit> infrastructure/deploy/promote.sh copy FOUND   # prints the digest
#   REGISTRY_NAME=dispatcher-dev IMAGE_TAG=<commit> infrastructure/deploy/promote.sh mark DIGEST   # after it was deployed
#
# An image that was deployed has the tag deployed-<commit>, too. Only those are found, and no lifecycle rule lets them expire.
set -euo pipefail
: "${REGISTRY_NAME:?}" "${IMAGE_TAG:?}"
source "$(dirname "${BASH_SOURCE[0]}")/aws.sh"
deployed=deployed-$IMAGE_TAG

find_image() {
  local digest url
  digest=$(digest_of "$REGISTRY_NAME" "$deployed")
  [[ -n $digest ]] || { echo "$REGISTRY_NAME never ran $IMAGE_TAG: deploy it there first" >&2 && exit 1; }
  url=$(log_in "$REGISTRY_NAME")
  echo "$url@$digest"
}

copy() {
  local source=$1 digest url
  digest=$(digest_of "$REGISTRY_NAME" "$IMAGE_TAG")
  if [[ -z $digest ]]; then
    url=$(log_in "$REGISTRY_NAME")
    # Lambda takes no image index, which would have another digest, too.
    docker buildx imagetools create --prefer-index=false --tag "$url:$IMAGE_TAG" "$source" >&2
    digest=$(digest_of "$REGISTRY_NAME" "$IMAGE_TAG")
  fi
  [[ $digest == "${source##*@}" ]] || {
    echo "$REGISTRY_NAME has ${digest:-no image} as $IMAGE_TAG, and not ${source##*@}, which was to be promoted" >&2 && exit 1
  }
  echo "$digest"
}

# The digest is given so that the registry refuses a manifest that is not exactly the same.
mark() {
  local digest=$1 marked manifest
  marked=$(digest_of "$REGISTRY_NAME" "$deployed")
  [[ $marked != "$digest" ]] || return 0
  manifest=$(aws ecr batch-get-image --repository-name "$REGISTRY_NAME" --image-ids "imageDigest=$digest" --output json |
    jq -er '.images[0].imageManifest') || { echo "$REGISTRY_NAME has no image $digest" >&2 && exit 1; }
  aws ecr put-image --repository-name "$REGISTRY_NAME" --image-tag "$deployed" --image-digest "$digest" \
    --image-manifest "$manifest" >/dev/null
}

case ${1:-} in
  find) find_image ;;
  copy) copy "${2:?}" ;;
  mark) mark "${2:?}" ;;
  *) echo "usage: promote.sh find | copy FOUND | mark DIGEST" >&2 && exit 2 ;;
esac
