#!/bin/bash
# Starts a member of the replica set. Members know each other by a key that comes from the
# environment and must be a file that nobody else can read.
set -euo pipefail
install -m 400 -o mongodb /dev/null /tmp/replica-set.key
printf '%s' "$MONGODB_REPLICA_SET_KEY" >/tmp/replica-set.key
exec docker-entrypoint.sh mongod --replSet openims --keyFile /tmp/replica-set.key --bind_ip_all
