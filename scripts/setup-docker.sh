#!/bin/sh
# Makes sure that Docker answers: installs Docker Engine on Debian or Ubuntu when it is missing and we are root,
# and starts it where no service manager does. Does nothing, quietly, when Docker works. Safe to run again.
set -eu

quiet=$(mktemp)
trap 'rm -f "$quiet"' EXIT

fail() {
    printf 'error: %s\n' "$1" >&2
    [ ! -s "$quiet" ] || tail -n 15 "$quiet" | sed 's/^/  /' >&2
    exit 1
}

PATH=$PATH:/usr/sbin:/sbin

have() { command -v "$1" >/dev/null 2>&1; }

# Asked over the socket, since the docker command is a package of its own on some systems and Grader does not need it.
answers() {
    python3 -S -c '
import os, socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.settimeout(5)
sock.connect(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://"))
sock.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
sys.exit(b" 200 " not in sock.recv(99))' 2>/dev/null
}

have python3 || fail "python3 is missing: install Python 3.11 or newer."

# debootstrap makes the base image where no registry answers; without it, `make images` pulls the base or says what to do.
missing=""
have dockerd || answers || missing="docker.io iptables"
have debootstrap || missing="$missing debootstrap debian-archive-keyring"

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && have apt-get; then
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # a list of packages
    if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$quiet" 2>&1; then
        answers || fail "apt-get could not install:$missing"
    fi
fi

answers && exit 0

have dockerd || fail "Docker is missing. On Debian or Ubuntu run this script as root; elsewhere install Docker Engine, \
start it, and let this user use its socket (group docker)."
[ "$(id -u)" = 0 ] || fail "Docker does not answer. Start it (as root: service docker start, or this script), \
and let this user use its socket (usermod -aG docker USER, then log in again)."

if [ -d /run/systemd/system ]; then
    systemctl start docker >"$quiet" 2>&1 || fail "systemctl start docker failed; see journalctl -u docker"
else
    # A daemon that was killed leaves its pid file, and the next one refuses to start until it is gone.
    file=/var/run/docker.pid
    if [ -f "$file" ] && [ "$(cat "/proc/$(cat "$file")/comm" 2>/dev/null)" != dockerd ]; then
        rm -f "$file"
    fi
    [ -f "$file" ] || setsid dockerd >>/var/log/dockerd.log 2>&1 </dev/null &
fi

deadline=$(($(date +%s) + 30))
until answers; do
    if [ "$(date +%s)" -ge "$deadline" ]; then
        [ ! -f /var/log/dockerd.log ] || tail -n 15 /var/log/dockerd.log >"$quiet"
        fail "Docker was started but does not answer within 30 s"
    fi
    sleep 0.2
done
