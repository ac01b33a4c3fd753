#!/bin/sh
# Logs what it is asked (FAKE_DOCKER); an image with `gone` in its tag is in no registry, one with `bad` never gets healthy.
echo "$*" >>"$FAKE_DOCKER"
case "$*" in
  'compose config --services') printf '%s\n' nginx parley second; exit 0 ;;
  pull*gone*) echo 'manifest unknown' >&2; exit 1 ;;
  'compose up'*) if grep -q 'PARLEY_IMAGE=.*bad' .env; then echo 'container parley is unhealthy' >&2; exit 1; fi ;;
esac
