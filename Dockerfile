# syntax=docker/dockerfile:1

# Two images of one build:
#   docker build --target server -t dispatcher .          the service on one machine
#   docker build --target lambda -t dispatcher-lambda .   all Lambda functions; the command chooses one: planner/index.handler
# Dependabot keeps the base images up to date.

FROM node:24.21.0-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
# Types are for whoever builds on it, not for whoever runs it.
RUN npm run build && npm run build:lambda \
 && mv dist/lambda /lambda && rm -rf dist/lambda-maps \
 && find dist -name "*.d.ts" -delete

# What the server needs at run time. It is on one machine: nothing of AWS.
FROM node:24.21.0-slim AS production
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/@aws-sdk node_modules/@smithy node_modules/@aws

FROM public.ecr.aws/lambda/nodejs:24 AS lambda
COPY --from=build /lambda ${LAMBDA_TASK_ROOT}/
# V8's compiled code of all functions, made here once and read by every cold start. Node keeps it by user, so it is made by the one that
# Lambda runs functions as; for any other it is only not used.
ENV NODE_COMPILE_CACHE=${LAMBDA_TASK_ROOT}/.compiled
RUN mkdir -p ${NODE_COMPILE_CACHE} && chown 993:990 ${NODE_COMPILE_CACHE}
USER 993:990
RUN --mount=type=bind,from=build,source=/build/scripts/lambda/warm.mjs,target=/tmp/warm.mjs \
    node /tmp/warm.mjs ${LAMBDA_TASK_ROOT}
USER root
RUN chown -R root:root ${NODE_COMPILE_CACHE} && chmod -R a+rX,go-w ${NODE_COMPILE_CACHE}
CMD ["ingress/index.handler"]

FROM node:24.21.0-slim AS server
WORKDIR /app
COPY --from=production /build/node_modules node_modules
COPY package.json LICENSE ./
COPY --from=build /build/dist dist
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# No npm and no shell in between: signals reach the server, which finishes what it has in hand within 10 seconds.
CMD ["node", "dist/entry/server.js"]
