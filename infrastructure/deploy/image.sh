#!/usr/bin/env bash
# Builds the image of the functions and pushes it, unless the registry has this tag already (tags never change their meaning). Prints the
# image's digest.
#
#   REGISTRY_NAME=dispatcher-dev IMAGE_TAG=<commit> infrastructure/deploy/image.sh
set -euo pipefail
: "${REGISTRY_NAME:?}" "${IMAGE_TAG:?}"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source infrastructure/deploy/aws.sh

digest=$(digest_of "$REGISTRY_NAME" "$IMAGE_TAG")
if [[ -z $digest ]]; then
  url=$(log_in "$REGISTRY_NAME")
  # Lambda takes no image index, which an attestation of provenance would make of it.
  docker buildx build --platform "${IMAGE_PLATFORM:-linux/arm64}" --target lambda --provenance=false --sbom=false \
    --label "org.opencontainers.image.revision=$IMAGE_TAG" --tag "$url:$IMAGE_TAG" --push . >&2
  digest=$(digest_of "$REGISTRY_NAME" "$IMAGE_TAG")
fi
[[ -n $digest ]] || { echo "the registry $REGISTRY_NAME has no image $IMAGE_TAG after it was pushed" >&2 && exit 1; }
echo "$digest"
