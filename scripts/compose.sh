#!/bin/sh
# Makes what docker-compose.yml needs (secrets, images, the number of Docker's group) and starts it; safe to run again.
# Whatever is said after it goes to docker compose instead of `up -d`: scripts/compose.sh logs -f web
set -eu

cd "$(dirname "$0")/.."

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

GRADER_SECRETS=${GRADER_SECRETS:-$(pwd -P)/deploy/secrets}
GRADER_DOCKER_SOCKET=${GRADER_DOCKER_SOCKET:-/var/run/docker.sock}
COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-grader}
export GRADER_SECRETS GRADER_DOCKER_SOCKET COMPOSE_PROJECT_NAME

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# The folder is closed and the files in it are not: containers get the files themselves, and read them as other users.
secret() {
    [ -e "$GRADER_SECRETS/$1" ] || (umask 077 && printf '%s' "$2" >"$GRADER_SECRETS/$1.new" &&
        chmod 444 "$GRADER_SECRETS/$1.new" && mv "$GRADER_SECRETS/$1.new" "$GRADER_SECRETS/$1")
}

mkdir -p "$GRADER_SECRETS"
chmod 700 "$GRADER_SECRETS"
secret grader_secret "$(random)"
secret database_password "$(random)"
secret grader_database_url "postgresql+psycopg://grader:$(cat "$GRADER_SECRETS/database_password")@database/grader"
secret grader_smtp_url ""
secret grader_oidc_client_secret ""

GRADER_DOCKER_GROUP=${GRADER_DOCKER_GROUP:-$(stat -L -c %g "$GRADER_DOCKER_SOCKET")} ||
    fail "there is no Docker socket at $GRADER_DOCKER_SOCKET: start Docker, or set GRADER_DOCKER_SOCKET"
export GRADER_DOCKER_GROUP

if docker compose version >/dev/null 2>&1; then
    compose="docker compose"
elif command -v docker-compose >/dev/null 2>&1; then
    compose=docker-compose
else
    fail "docker compose is missing. On Debian: apt-get install docker-compose"
fi

if [ $# -eq 0 ]; then
    [ -n "${GRADER_IMAGE:-}" ] || .venv/bin/grader images --service
    set -- up -d
fi
exec $compose "$@"
