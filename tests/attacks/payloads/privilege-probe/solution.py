"""Asks for things a candidate must not get; each line must say denied."""

import ctypes
import os
import platform
import socket

LIBC = ctypes.CDLL(None, use_errno=True)
ARM = platform.machine() == "aarch64"
NUMBERS = {
    "unshare user": (97 if ARM else 272, 0x10000000),
    "unshare mount": (97 if ARM else 272, 0x00020000),
    "keyctl": (219 if ARM else 250, 0, -3, 0),
    "bpf": (280 if ARM else 321, 0, 0, 0),
    "io_uring_setup": (425, 1, 0),
    "userfaultfd": (282 if ARM else 323, 0),
    "perf_event_open": (241 if ARM else 298, 0, 0, 0, 0, 0),
    "ptrace parent": (117 if ARM else 101, 16, os.getppid(), 0, 0),
    "setns": (268 if ARM else 308, -1, 0),
}
CALLS = {
    "setuid": lambda: os.setuid(0),
    "setgid": lambda: os.setgid(0),
    "chroot": lambda: os.chroot("/"),
    "mknod": lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(8, 0)),
    "mount": lambda: _mount(),
    "hostname": lambda: socket.sethostname("x"),
    "nice": lambda: os.nice(-5),
    "vsock": lambda: socket.socket(40, socket.SOCK_STREAM).close(),
    "alg": lambda: socket.socket(38, 5).close(),
    "packet": lambda: socket.socket(17, 3).close(),
    "write root": lambda: open("/x", "w").close(),
}


def _mount():
    if LIBC.mount(b"none", b"/mnt", b"tmpfs", 0, None) != 0:
        raise OSError(ctypes.get_errno(), "mount")


def predict(xs):
    with open("/proc/self/status") as f:
        print([line.strip() for line in f if line.startswith(("NoNewPrivs", "Cap", "Seccomp", "Uid"))])
    for name, numbers in NUMBERS.items():
        print(name, "denied" if LIBC.syscall(*numbers) < 0 else "ALLOWED")
    for name, call in CALLS.items():
        try:
            call()
        except Exception as e:
            print(name, "denied", type(e).__name__)
        else:
            print(name, "ALLOWED")
    return []
