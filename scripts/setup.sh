#!/bin/sh
# Makes a checkout ready: .venv with pinned packages, Docker, container images. Quick and quiet when nothing is missing.
set -eu

cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

fail() {
    printf 'error: %s\n' "$1" >&2
    [ ! -s "$log" ] || tail -n 20 "$log" | sed 's/^/  /' >&2
    exit 1
}

# One line for each step that did something, and how long it took.
step() {
    title=$1
    shift
    begun=$(date +%s)
    : >"$log"
    "$@" >"$log" 2>&1 </dev/null || fail "$title failed"
    printf 'setup: %s (%s s)\n' "$title" "$(($(date +%s) - begun))"
}

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
complete() { recent "$1" && "$1" -c 'import ensurepip, venv' 2>/dev/null; }

find_python() {
    for test in complete recent; do
        for name in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
            if path=$(command -v "$name") && "$test" "$path"; then
                printf '%s\n' "$path"
                return
            fi
        done
    done
}

apt_install() { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; }

make_venv() { rm -rf .venv && "$python" -m venv .venv; }

install_packages() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements/dev.txt &&
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .
}

# Made here (or by hand, without a stamp) and not broken since.
usable_venv() {
    case "$(cat "$stamp" 2>/dev/null)" in
        "" | *" $(pwd -P)") complete .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1 ;;
        *) return 1 ;;
    esac
}

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

# The stamp says which requirements .venv was made for, and where: a virtual environment cannot be moved.
wanted="$(cat requirements/dev.txt pyproject.toml scripts/setup.sh | cksum) $(pwd -P)"
stamp=.venv/.grader-setup
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    python=$(find_python)
    if [ -z "$python" ] || ! complete "$python"; then
        may_install || fail "Python 3.11 or newer with venv is missing. On Debian or Ubuntu: apt-get install python3-venv"
        step "Python with venv" apt_install python3 python3-venv
        python=$(find_python)
        { [ -n "$python" ] && complete "$python"; } || fail "this system's Python is older than 3.11: install a newer one"
    fi
    usable_venv || step ".venv from $("$python" -V)" make_venv
    step "packages" install_packages
    printf '%s\n' "$wanted" >"$stamp"
fi

if ! command -v git >/dev/null 2>&1; then
    may_install || fail "git is missing: submissions may be git addresses. Install it."
    step "git" apt_install git
fi

# Tests open hostile notebooks in a real browser. It is large, so only CI gets it unasked; elsewhere they are skipped.
if [ -n "${CI:-}" ] && ! command -v chromium >/dev/null 2>&1; then
    may_install || fail "Chromium is missing, and CI needs it: apt-get install chromium"
    step "Chromium" apt_install chromium
fi

# The tests run on SQLite and on PostgreSQL, in a cluster of their own. CI only, for the same reason.
if [ -n "${CI:-}" ] && ! { command -v postgres || ls /usr/lib/postgresql/*/bin/postgres; } >/dev/null 2>&1; then
    may_install || fail "PostgreSQL is missing, and CI needs it: apt-get install postgresql"
    step "PostgreSQL" apt_install postgresql
fi

# Badges are also judged by a verifier that shares nothing with ours, and it runs in Node. CI only, for the same reason.
if [ -n "${CI:-}" ] && ! { command -v node && command -v npm; } >/dev/null 2>&1; then
    may_install || fail "Node is missing, and CI needs it: apt-get install nodejs npm"
    step "Node" apt_install nodejs npm
fi

# The service as docker-compose.yml describes it is brought up once by the tests. CI only, too.
if [ -n "${CI:-}" ] && ! command -v docker-compose >/dev/null 2>&1 && ! docker compose version >/dev/null 2>&1; then
    may_install || fail "docker compose is missing, and CI needs it: apt-get install docker-compose"
    step "docker compose" apt_install docker-compose
fi

scripts/setup-docker.sh </dev/null
.venv/bin/grader images </dev/null
