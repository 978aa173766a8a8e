# Two images; docker-compose.yml chooses by target and command.
#   services (the default): processor, projection, changes, accumulate, dashboard, topics
#   replay: publishes the demo's experiment
FROM node:22.14.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM packages AS page
RUN npm ci
COPY tsconfig.json tsconfig.json
COPY dashboard dashboard
COPY src/messages src/messages
RUN npm run -s build

FROM packages AS base
ENV NODE_ENV=production
RUN npm ci --omit=dev && npm cache clean --force
COPY schemas schemas
COPY src src
USER node

FROM base AS replay
COPY data/li-x-coo2 data/li-x-coo2
COPY demo demo
CMD ["node", "--import", "tsx", "demo/replay.ts"]

FROM base AS services
COPY models models
COPY dashboard/server dashboard/server
COPY dashboard/protocol dashboard/protocol
COPY --from=page /app/dist dist
CMD ["node", "--import", "tsx", "src/bin/processor.ts"]
