#!/usr/bin/env bash
# Builds the image of the functions and pushes it, unless the registry has this tag already (tags never change their meaning). Prints the
# image's digest.
#
#   REGISTRY_NAME=dispatcher-dev IMAGE_TAG=<commit> infrastructure/deploy/image.sh
set -euo pipefail
: "${REGISTRY_NAME:?}" "${IMAGE_TAG:?}"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

digest() {
  aws ecr describe-images --repository-name "$REGISTRY_NAME" --image-ids "imageTag=$IMAGE_TAG" \
    --query 'imageDetails[0].imageDigest' --output text
}

if ! digest 2>/dev/null; then
  url=$(aws ecr describe-repositories --repository-names "$REGISTRY_NAME" --query 'repositories[0].repositoryUri' --output text)
  aws ecr get-login-password | docker login --username AWS --password-stdin "${url%%/*}" >&2
  # Lambda takes no image index, which an attestation of provenance would make of it.
  docker buildx build --platform "${IMAGE_PLATFORM:-linux/arm64}" --target lambda --provenance=false --sbom=false \
    --label "org.opencontainers.image.revision=$IMAGE_TAG" --tag "$url:$IMAGE_TAG" --push . >&2
  digest
fi
