#!/bin/sh
# Makes what compose.yml needs and is not there: ./secrets, ./people, ./notices, and the proxies' files beside their sites. Replaces nothing.
set -eu
cd "$(dirname "$0")"
umask 077

mkdir -p secrets people notices
new_secret() {
  [ -s "secrets/$1" ] || head -c 48 /dev/urandom | base64 | tr -d '\n=+/' > "secrets/$1"
}
for name in session_secret rpc_secret storage_encryption_key jwt_secret; do new_secret "$name"; done
for name in gateway session identity notifier cli; do new_secret "redis_$name"; done
[ -e secrets/smtp_password ] || : > secrets/smtp_password

# Who may do what in Redis stands in docs/redis.md; the passwords are written as their digests.
rm -f secrets/redis_acl
grep '^user ' ../../docs/redis.md | while read -r line; do
  name=$(echo "$line" | cut -d ' ' -f 2)
  digest=$([ "$name" = default ] || sha256sum < "secrets/redis_$name" | cut -c 1-64)
  echo "$line" | sed "s/>PASSWORD/#$digest/" >> secrets/redis_acl
done
# Each is handed to a process that is not this user; the folder itself is closed.
chmod 444 secrets/*

[ -e people/users_database.yml ] || cat > people/users_database.yml << 'EOF'
users: {}
EOF
for file in ../nginx/portcullis-*.conf; do sed 's/127\.0\.0\.1:9091/gateway:9091/' "$file" > "nginx/$(basename "$file").include"; done
sed 's/localhost:9091/gateway:9091/' ../caddy/portcullis.caddy > caddy/portcullis.caddy
chmod -R a+rX config nginx caddy
if [ "$(id -u)" = 0 ]; then chown -R 1000:1000 people notices; fi
echo "Now write your domain into config/configuration.yml and people into people/users_database.yml, then: docker compose up -d"
