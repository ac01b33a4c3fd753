#!/bin/sh
# Hook of certbot, which runs it after every renewal (RENEWED_LINEAGE: where the new certificate is):
#   certbot certonly … --deploy-hook "renewed.sh TLS_FOLDER COMMAND…"
# Puts the certificate where nginx reads it, then runs the command, which reloads nginx.
set -eu
umask 077
folder=$1
shift
: "${RENEWED_LINEAGE:?names the folder of the new certificate, as /etc/letsencrypt/live/chat.example.com}"
for name in privkey fullchain; do
  # A whole file or none.
  cat "$RENEWED_LINEAGE/$name.pem" >"$folder/$name.new"
  mv "$folder/$name.new" "$folder/$name.pem"
done
exec "$@"
