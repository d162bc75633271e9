#!/bin/sh
# `portcullis` and `authelia` of the all-in-one image, and what it starts with. Words of the command line go there; nothing, or nothing but where
# the configuration is, starts everything.
set -eu

# As root only as long as it takes to hand over /config, which the image that was there before may have left to root.
if [ "$(id -u)" = 0 ]; then
  uid=${PUID:-1000} gid=${PGID:-1000}
  [ -z "${UMASK-}" ] || umask "$UMASK"
  find /config ! -user "$uid" -exec chown -h "$uid:$gid" {} + 2> /dev/null || true
  exec setpriv --reuid "$uid" --regid "$gid" --clear-groups --bounding-set=-all --no-new-privs -- "$0" "$@"
fi

if [ "$(basename "$0")" = entrypoint ]; then
  case "${1-}" in
    portcullis | authelia) shift ;;
    '' | -*) ;;
    # Any other program of the image, for instance sh; what is none is a word of the command line.
    *) if command -v -- "$1" > /dev/null; then exec "$@"; fi ;;
  esac
fi

serves=yes value=no
for word in "$@"; do
  if [ "$value" = yes ]; then value=no; continue; fi
  case "$word" in
    --config | -c | --config.experimental.filters) value=yes ;;
    --config=* | --config.experimental.filters=*) ;;
    *) serves=no ;;
  esac
done
if [ "$serves" = yes ]; then exec node /app/main.mjs all-in-one "$@"; fi
exec node /app/main.mjs "$@"
