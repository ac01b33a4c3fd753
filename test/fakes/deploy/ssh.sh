#!/bin/sh
# A host that is this machine: what ssh takes, run as the shell at the other end would, which goes on where ssh is ended.
printf '%s\n' "$*" >>"$FAKE_DOCKER.ssh"
while [ "${1#-}" != "$1" ]; do shift 2; done
[ "$1" = deploy@host.example ] || { echo "unknown host $1" >&2; exit 255; }
shift
exec 3<&0
sh -c "$*" <&3 >"$FAKE_DOCKER.out.$$" 2>"$FAKE_DOCKER.err.$$" &
code=0
wait $! || code=$?
cat "$FAKE_DOCKER.out.$$"
cat "$FAKE_DOCKER.err.$$" >&2
exit $code
