# One image for processor, view, dashboard, topics and replay; docker-compose.yml chooses by command. Not run by its authors: no Docker engine was at hand.
FROM node:22.14.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci

FROM packages AS page
COPY . .
RUN npm run -s build:dashboard

FROM node:22.14.0-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force
COPY schemas schemas
COPY models models
COPY data data
COPY src src
COPY demo demo
COPY dashboard dashboard
COPY --from=page /app/dist dist
USER node
CMD ["node", "--import", "tsx", "src/bin/processor.ts"]
