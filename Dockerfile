# The service on the vendor's Node 24. `docker build .` needs the npm registry and Debian's mirror.
FROM node:24-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=optional
COPY src src
COPY profiles profiles
COPY capability-statement capability-statement
RUN npm run build && npm prune --omit=dev --omit=optional

FROM node:24-bookworm-slim
ENV NODE_ENV=production OPENIMS_HOST=0.0.0.0 OPENIMS_DATA=/data OPENIMS_EMPTY=true
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/build build
COPY --from=build /app/src src
COPY --from=build /app/profiles profiles
COPY --from=build /app/capability-statement capability-statement
RUN mkdir /data && chown node:node /data
# Everything but /data may be read-only: `docker run --read-only --tmpfs /tmp`.
VOLUME /data
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/fhir/R4/metadata').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/start.js"]
