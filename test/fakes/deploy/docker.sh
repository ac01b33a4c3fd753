#!/bin/sh
# Logs what it is asked (FAKE_DOCKER). What was fetched, or is named in FAKE_DOCKER.images, is on the machine. An image with
# `gone` in its name cannot be fetched, with `bad` in its tag it never gets healthy; with a file
# FAKE_DOCKER.away there is no registry, which has the images named in FAKE_DOCKER.pushed. Images that migrate are told to
# FAKE_DOCKER.migrated, unless there is FAKE_DOCKER.unmigrated, once FAKE_DOCKER.migrating is gone. With FAKE_DOCKER.ill Grafana starts again and again.
echo "$*" >>"$FAKE_DOCKER"
case "$*" in
  'image inspect '*[!A-Za-z0-9./:_-]* | 'pull --quiet '*[!A-Za-z0-9./:_-]*) echo 'invalid reference format' >&2; exit 1 ;;
  'compose config --services') printf '%s\n' nginx parley second; exit 0 ;;
  'image inspect '*) grep -qxF "$3" "$FAKE_DOCKER.images" 2>/dev/null; exit ;;
  'buildx imagetools inspect '*)
    if [ -e "$FAKE_DOCKER.away" ]; then echo "ERROR: unexpected status from HEAD request to $4: 502 Bad Gateway" >&2; exit 1; fi
    if ! grep -qxF "$4" "$FAKE_DOCKER.pushed" 2>/dev/null; then echo "ERROR: $4: not found" >&2; exit 1; fi
    [ "$5" != --format ] || echo '"sha256:ab12"'
    ;;
  'buildx imagetools create --tag '*)
    for source in "$6" "$7"; do
      case $source in *@sha256:??*) ;; *) echo "ERROR: invalid reference $source" >&2; exit 1 ;; esac
    done
    echo "$5" >>"$FAKE_DOCKER.pushed"
    ;;
  pull*gone*) echo 'manifest unknown' >&2; exit 1 ;;
  pull*)
    if [ -e "$FAKE_DOCKER.away" ]; then echo 'connection refused' >&2; exit 1; fi
    echo "$3" >>"$FAKE_DOCKER.images"
    ;;
  'compose run --rm -T parley migrate up --expanding')
    while [ -e "$FAKE_DOCKER.migrating" ]; do sleep 0.05; done
    if [ -e "$FAKE_DOCKER.unmigrated" ]; then echo 'SCHEMA_UNKNOWN' >&2; exit 1; fi
    echo "$PARLEY_IMAGE while $(sed -n 's/^PARLEY_IMAGE=//p' .env) is set" >>"$FAKE_DOCKER.migrated"
    ;;
  'compose up'*)
    sleep 0.05
    if grep -q 'PARLEY_IMAGE=.*bad' .env; then echo 'container parley is unhealthy' >&2; exit 1; fi
    case "$*" in *parley | *second | *nginx) exit 0 ;; esac
    if [ -e "$FAKE_DOCKER.ill" ]; then printf '%s\n' 'Container grafana Waiting' 'container grafana is unhealthy: C:\temp' >&2; exit 1; fi
    ;;
esac
