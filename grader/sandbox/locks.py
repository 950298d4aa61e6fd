"""The create request of a container, in the words of Docker's API: every lock is here, and no caller can open one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.sandbox.base import ContainerSpec

_MIB = 1024 * 1024
_SECCOMP = json.dumps(json.loads(Path(__file__).with_name("seccomp.json").read_text()))
"""The API wants the profile itself, not a path."""


@dataclass(frozen=True)
class Daemon:
    """What the machine's Docker has."""

    cores: float
    apparmor: bool
    runtime: str = "runc"


def create_request(
    spec: ContainerSpec, daemon: Daemon, *, image: str, uid: int, arguments: Sequence[str], labels: Mapping[str, str]
) -> dict[str, Any]:
    """The whole request for `python3 ARGUMENTS` as user `uid`."""
    cpus = min(spec.cpus, daemon.cores)
    threads = str(max(1, math.ceil(cpus)))
    environment = {
        "GRADER_WORK": "/work",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        **({"GRADER_KERNEL": "1"} if spec.kernel else {}),
    }
    return {
        "Image": image,
        "Entrypoint": ["python3"],
        "Cmd": list(arguments),
        "User": f"{uid}:{uid}",
        "Hostname": "sandbox",
        "WorkingDir": "/work",
        "Env": [f"{name}={value}" for name, value in environment.items()],
        "Labels": dict(labels),
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "OpenStdin": True,
        "StdinOnce": True,
        "Tty": False,
        "NetworkDisabled": True,
        "Healthcheck": {"Test": ["NONE"]},
        "StopSignal": "SIGKILL",
        "HostConfig": _host(spec, daemon, uid, cpus),
    }


def _host(spec: ContainerSpec, daemon: Daemon, uid: int, cpus: float) -> dict[str, Any]:
    security = ["no-new-privileges:true", f"seccomp={_SECCOMP}"]
    return {
        "ReadonlyRootfs": True,
        "Tmpfs": _folders(spec, uid),
        # NetworkDisabled is what makes starting quick; this still holds should a daemon ignore it.
        "NetworkMode": "none",
        "IpcMode": "private",
        "CgroupnsMode": "private",
        "CapDrop": ["ALL"],
        "SecurityOpt": [*security, "apparmor=docker-default"] if daemon.apparmor else security,
        "Memory": spec.memory,
        "MemorySwap": spec.memory,
        "NanoCpus": int(cpus * 1e9),
        "PidsLimit": spec.processes,
        "OomScoreAdj": 1000,
        "Init": True,
        # No limit on processes here: that one is counted per uid over the whole machine. PidsLimit does it.
        "Ulimits": [
            _ulimit("nofile", 1024),
            _ulimit("fsize", spec.disk),
            *(_ulimit(name, 0) for name in ("core", "memlock", "msgqueue")),
        ],
        "LogConfig": {"Type": "none", "Config": {}},
        "RestartPolicy": {"Name": "no"},
        "Runtime": daemon.runtime,
    }


def _folders(spec: ContainerSpec, uid: int) -> dict[str, str]:
    """Everything that can be written to: in memory, counted as memory, with a bound on bytes and on files."""
    owner = f"mode=0700,uid={uid},gid={uid}"
    scratch = f"rw,noexec,nosuid,nodev,size={min(spec.disk, 64 * _MIB)}"
    return {
        "/work": f"rw,exec,nosuid,nodev,size={spec.disk},nr_inodes=20k,{owner}",
        "/tmp": f"{scratch},nr_inodes=8k,{owner}",
        "/dev/shm": f"{scratch},nr_inodes=1k,{owner}",
    }


def _ulimit(name: str, most: int) -> dict[str, Any]:
    return {"Name": name, "Soft": most, "Hard": most}
