#!/bin/sh
# Makes the database at the first start and serves it. It is made beside its place and moved there when it is whole, so
# that a start that was cut short leaves nothing that passes for a database.
set -eu

data=${PGDATA:?}
password=${POSTGRES_PASSWORD_FILE:?}
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

if [ ! -s "$data/PG_VERSION" ]; then
    rm -rf "$data.new"
    # shellcheck disable=SC2086  # a list of options
    initdb --pgdata="$data.new" --username="$user" --pwfile="$password" --encoding=UTF8 \
        --auth-local=trust --auth-host=scram-sha-256 ${POSTGRES_INITDB_ARGS:-}
    echo "host all all all scram-sha-256" >>"$data.new/pg_hba.conf"
    echo "CREATE DATABASE \"$database\"" | postgres --single -D "$data.new" postgres >/dev/null
    rm -rf "$data"
    mv "$data.new" "$data"
fi

export PGDATA="$data"
exec "$@" -c listen_addresses='*'
