#!/bin/sh
# Runs on the host, by SSH:  sh -s -- FOLDER IMAGE < prepare.sh
# What an image needs beforehand, while the one before runs on, however long that takes. Nothing comes after it: cut off, it sets nothing.
set -eu
cd "$1"
# A registry that is away stops nothing that runs.
docker image inspect "$2" >/dev/null 2>&1 || docker pull --quiet "$2" >/dev/null
# A start has a minute and a half until it must be healthy, and a migration may take longer. What the version before works on as well
# comes now; what contracts, and what fails here, is left to the start.
PARLEY_IMAGE=$2 docker compose run --rm -T parley migrate up --expanding </dev/null >&2 || true
