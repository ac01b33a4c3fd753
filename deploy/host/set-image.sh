#!/bin/sh
# Runs on the host, by SSH:  sh -s -- FOLDER [IMAGE [BEFORE]] < set-image.sh
# Prints the image that is set; with IMAGE sets that one and waits until what people need is healthy; a line WARNING: … says what else is
# not. With BEFORE only where that one is set (empty: none), for somebody else may have been faster.
# FOLDER has compose.yaml, and .env with a line PARLEY_IMAGE=…, which compose.yaml uses.
set -eu
# .env has secrets.
umask 077
folder=$1 image=${2:-}
cd "$folder"
touch .env
# Compose takes it with quotes as well, and a comment behind it.
current() { sed -n "s/^PARLEY_IMAGE=[[:space:]\"']*\([^[:space:]\"']*\).*/\1/p" .env | tail -n 1; }
current
[ -n "$image" ] || exit 0
# Two who deploy take turns, each with the whole of it.
exec 9>.set-image.lock
flock --timeout 900 9 || { echo "another deployment works on $folder: wait until it has ended" >&2; exit 1; }
if [ $# -gt 2 ] && [ "$(current)" != "$3" ] && [ "$(current)" != "$image" ]; then
  echo "somebody else has set $(current) meanwhile; nothing was changed" >&2
  exit 1
fi
# Fetched before anything changes: a registry that is away stops nothing that runs. Where it ran before it is there still, so
# that going back needs no registry; a tag never moves.
docker image inspect "$image" >/dev/null 2>&1 || docker pull --quiet "$image" >/dev/null
# A whole file or none, with the rights of the old one.
cp -p .env .env.new
# The last line may lack its end.
sed -i -e '/^PARLEY_IMAGE=/d' -e '$a\' .env.new
printf 'PARLEY_IMAGE=%s\n' "$image" >>.env.new
mv .env.new .env
# One process after the other: the proxy stays, and where there are two it asks the one that is up.
for service in parley second nginx; do
  if docker compose config --services | grep -qx "$service"; then
    docker compose up --detach --wait --wait-timeout 300 "$service" >&2
  fi
done
# Nobody who writes needs the rest (monitoring): it holds no version up, and takes none back.
said=$(docker compose up --detach --wait --wait-timeout 60 --remove-orphans 2>&1) ||
  printf 'WARNING: not all that stands beside it is well (%s): docker compose ps --all in %s shows it\n' \
    "$(printf '%s' "$said" | tail -n 1)" "$folder"
