#!/bin/bash
# bash deploy/newer.sh v1.2.3
# Prints the newest version that is tagged beyond that one, nothing where there is none; one before its time (v2.0.0-rc.1) does
# not count. Fails where its own tag is not among them: then not all tags are here, and nobody knows.
set -euo pipefail
git -c versionsort.suffix=- tag --list 'v[0-9]*.[0-9]*.[0-9]*' --sort=version:refname | awk -v own="$1" '
  seen && /^v[0-9]+\.[0-9]+\.[0-9]+$/ { newer = $0 }
  $0 == own { seen = 1 }
  END {
    if (!seen) { print "the tag " own " is not here, nor whatever is newer" >"/dev/stderr"; exit 1 }
    if (newer) print newer
  }'
