# syntax=docker/dockerfile:1

# Two images of one build, and what belongs to the second one:
#   docker build --target server -t dispatcher .          the service on one machine
#   docker build --target lambda -t dispatcher-lambda .   all Lambda functions; the command chooses one: planner/index.handler
#   docker build --target maps --output maps .            the source maps of the functions, for reading their stack traces
#
# Dependabot keeps the base images up to date. Lambda's has no digest here: AWS deletes the digests of images that it has built anew.

# JavaScript is the same for every platform, so it is built on that of the machine that builds.
FROM --platform=$BUILDPLATFORM node:24.21.0-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS packages
WORKDIR /build
COPY package.json package-lock.json .npmrc ./

FROM packages AS build
RUN --mount=type=cache,target=/root/.npm npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build && npm run build:lambda && mv dist/lambda dist/lambda-maps /

# What the server and the command line need at run time: nothing of AWS, no demo, and neither types nor source maps nor sources.
FROM packages AS production
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev
COPY --from=build /build/dist dist
RUN rm -rf node_modules/@aws-sdk node_modules/@smithy node_modules/@aws node_modules/@types \
      dist/adapters/aws dist/entry/lambda dist/entry/demo* dist/entry/dev* dist/sandbox \
 && find node_modules dist -type f \( -name "*.map" -o -name "*.ts" -o -name "*.[cm]ts" \) -delete \
 && find node_modules -type f -name "*.md" ! -iname "licen[cs]e*" -delete \
 && find node_modules dist -type d -empty -delete

FROM scratch AS maps
COPY --from=build /lambda-maps /

FROM public.ecr.aws/lambda/nodejs:24 AS lambda
COPY --from=build /lambda ${LAMBDA_TASK_ROOT}/
# V8's code of all functions, made here once and read by every cold start. V8 takes it only with the flags that it was made with: so it is
# made by the runtime as Lambda starts it.
RUN --mount=type=bind,from=build,source=/build/scripts/lambda/warm.mjs,target=/tmp/warm.mjs \
    FUNCTIONS=${LAMBDA_TASK_ROOT} LAMBDA_TASK_ROOT=/tmp AWS_LAMBDA_RUNTIME_API=127.0.0.1:9 /lambda-entrypoint.sh warm.handler
CMD ["ingress/index.handler"]
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="dispatcher-lambda" \
      org.opencontainers.image.description="The dispatcher's AWS Lambda functions" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"

FROM node:24.21.0-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS server
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=production /build/node_modules node_modules
COPY package.json LICENSE ./
COPY --from=production /build/dist dist
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# No npm and no shell in between: signals reach the server, which finishes what it has in hand within 10 seconds. Who has an .env mounts it
# as /app/.env; what is set below goes before it.
CMD ["node", "--env-file-if-exists=.env", "dist/entry/server.js"]
ARG VERSION=0.1.0
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data APP_VERSION=${VERSION}
LABEL org.opencontainers.image.title="dispatcher" \
      org.opencontainers.image.description="Starts the right GitHub Actions workflows in other repositories when one finishes" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
