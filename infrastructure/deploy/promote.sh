#!/usr/bin/env bash
# Has prod run the very image that dev ran: it is copied from registry to registry, and keeps its digest. Two steps, each with a role of its own.
#
#   REGISTRY_NAME=dispatcher-dev IMAGE_TAG=<commit> infrastructure/deploy/promote.sh find          # prints REGISTRY-ADDRESS@DIGEST
#   REGISTRY_NAME=dispatcher-prod IMAGE_TAG=<commit> infrastructure/deploy/promote.sh copy FOUND   # prints the digest
#   REGISTRY_NAME=dispatcher-dev IMAGE_TAG=<commit> infrastructure/deploy/promote.sh mark DIGEST   # after it was deployed
#   REGISTRY_NAME=dispatcher-dev infrastructure/deploy/promote.sh keep < versions                  # before a deployment: what aliases run
#
# An image that was deployed has the tag deployed-<commit>, too. Only those are found, and no lifecycle rule lets them expire. Where the registry
# did not answer when a deployment was over, the next one makes up for it (keep; a line of its input is: FUNCTION ALIAS VERSION).
set -euo pipefail
: "${REGISTRY_NAME:?}"
source "$(dirname "${BASH_SOURCE[0]}")/aws.sh"

find_image() {
  local digest url
  digest=$(digest_of "$REGISTRY_NAME" "deployed-$IMAGE_TAG")
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
  local digest=$1 deployed=deployed-$2 marked manifest
  marked=$(digest_of "$REGISTRY_NAME" "$deployed")
  [[ $marked != "$digest" ]] || return 0
  manifest=$(aws ecr batch-get-image --repository-name "$REGISTRY_NAME" --image-ids "imageDigest=$digest" --output json |
    jq -er '.images[0].imageManifest') || { echo "$REGISTRY_NAME has no image $digest" >&2 && exit 1; }
  aws ecr put-image --repository-name "$REGISTRY_NAME" --image-tag "$deployed" --image-digest "$digest" \
    --image-manifest "$manifest" >/dev/null
}

keep() {
  local images image digest tags
  images=$(while read -r function _ version; do
    aws lambda get-function --function-name "$function" --qualifier "$version" --query Code.ResolvedImageUri --output text
  done | sort -u)
  for image in $images; do
    digest=${image##*@}
    tags=$(unless_missing ImageNotFoundException aws ecr describe-images --repository-name "$REGISTRY_NAME" \
      --image-ids "imageDigest=$digest" --query 'imageDetails[0].imageTags[]' --output text)
    case " ${tags//$'\t'/ } " in
      *" deployed-"*) ;;
      "  " | " None ") echo "$REGISTRY_NAME has no image of a commit as $digest, which an alias runs" >&2 ;;
      *) mark "$digest" "${tags%%$'\t'*}" ;;
    esac
  done
}

case ${1:-} in
  find | copy | mark) : "${IMAGE_TAG:?}" ;;&
  find) find_image ;;
  copy) copy "${2:?}" ;;
  mark) mark "${2:?}" "$IMAGE_TAG" ;;
  keep) keep ;;
  *) echo "usage: promote.sh find | copy FOUND | mark DIGEST | keep" >&2 && exit 2 ;;
esac
