"""System calls, networks and host files that student code must not reach: each test tries from inside a container."""

from __future__ import annotations

from sandbox_backends import Backend, told

from grader.sandbox.docker import DockerSandbox

CALLS = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "init_module": (175, 105),
    "io_setup": (206, 0),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, 0),
    "iopl": (172, 0),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "landlock_create_ruleset": (444, 444),
    "mbind": (237, 235),
    "memfd_secret": (447, 447),
    "modify_ldt": (154, 0),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "seccomp": (317, 277),
    "setgroups": (116, 159),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "setresuid": (117, 147),
    "settimeofday": (164, 170),
    "setuid": (105, 146),
    "shmget": (29, 194),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "userfaultfd": (323, 282),
    "vmsplice": (278, 75),
}
"""Numbers on x86-64 and on arm64; 0 where there is no such call."""

CLONE_NEW = {
    "user": 0x10000000,
    "mount": 0x20000,
    "uts": 0x4000000,
    "ipc": 0x8000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}

DENIED = """
import ctypes, errno, json, os, platform, socket
libc = ctypes.CDLL(None, use_errno=True)
arm = platform.machine() != "x86_64"
got = {}

def call(name, number, *arguments):
    result = libc.syscall(number, *[ctypes.c_long(argument) for argument in (*arguments, 0, 0, 0, 0, 0)[:5]])
    got[name] = "allowed" if result >= 0 else errno.errorcode[ctypes.get_errno()]

def attempt(name, function, *arguments):
    try:
        function(*arguments)
        got[name] = "allowed"
    except OSError as error:
        got[name] = errno.errorcode[error.errno]

for name, numbers in CALLS.items():
    if numbers[arm]:
        call(name, numbers[arm])
for name, flag in CLONE_NEW.items():
    call("unshare " + name, (272, 97)[arm], flag)
    call("clone " + name, (56, 220)[arm], flag | 17)
call("clone3", 435)
call("personality", (135, 92)[arm], 0x40000)  # no address randomisation
for family in range(1, 46):
    attempt(f"family {family}", socket.socket, family, socket.SOCK_RAW if family in (16, 17) else socket.SOCK_STREAM)
attempt("block device", os.mknod, "/work/block", 0o60600, os.makedev(8, 0))
attempt("character device", os.mknod, "/work/char", 0o20600, os.makedev(1, 1))
attempt("priority", os.setpriority, os.PRIO_PROCESS, 0, -20)
got["priority"] = got["priority"].replace("EACCES", "EPERM")
print(json.dumps(got))
"""


def test_dangerous_system_calls_and_socket_families_are_denied(walled: Backend) -> None:
    got = told(walled, f"CALLS = {CALLS}; CLONE_NEW = {CLONE_NEW}\n{DENIED}")
    assert got.pop("clone3") == "ENOSYS"
    for offered in ("family 1", "family 2", "family 16"):
        assert got.pop(offered) == "allowed"
    assert got.pop("family 10") in ("allowed", "EAFNOSUPPORT")
    assert {name: outcome for name, outcome in got.items() if outcome != "EPERM"} == {}


def test_a_32_bit_system_call_kills_the_process(walled: Backend) -> None:
    code = """
import ctypes, json, mmap, platform, subprocess, sys
if platform.machine() != "x86_64":
    print(json.dumps(-31)); sys.exit()
child = '''
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid); int 0x80; ret
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
'''
print(json.dumps(subprocess.run([sys.executable, "-c", child]).returncode))
"""
    assert told(walled, code) == -31


def test_there_is_no_network_but_an_own_loopback(walled: Backend) -> None:
    code = """
import json, socket
got = {"interfaces": [name for _, name in socket.if_nameindex()]}
for host in ("127.0.0.1", "::1", "169.254.169.254", "172.17.0.1", "192.0.2.1"):
    try:
        socket.create_connection((host, 6379), timeout=3).close()
        got[host] = "connected"
    except OSError as error:
        got[host] = "no"
try:
    got["name"] = socket.gethostbyname("example.org")
except OSError:
    got["name"] = "no"
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname(), timeout=3).close()
print(json.dumps(got))
"""
    got = told(walled, code)
    assert got.pop("interfaces") == ["lo"]
    assert set(got.values()) == {"no"}


def test_the_environment_holds_only_what_we_put_there(walled: Backend) -> None:
    got = told(walled, "import json, os; print(json.dumps(dict(os.environ)))")
    expected = {
        "GRADER_WORK",
        "GRADER_PRELOAD",
        "HOME",
        "HOSTNAME",
        "LANG",
        "MPLBACKEND",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
    }
    assert set(got) <= expected | {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "LC_CTYPE"}
    assert got["GRADER_WORK"] == "/work"


def test_no_docker_socket_and_no_host_folder_is_inside(walled: Backend) -> None:
    code = """
import json, os
mounts = [line.split()[4] for line in open("/proc/self/mountinfo")]
sockets = [p for p in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd") if os.path.exists(p)]
print(json.dumps([sockets, mounts]))
"""
    sockets, mounts = told(walled, code)
    assert sockets == []
    allowed = (
        "/proc",
        "/sys",
        "/dev",
        "/work",
        "/tmp",
        "/etc/resolv.conf",
        "/etc/hostname",
        "/etc/hosts",
        "/sbin/docker-init",
        "/usr/sbin/docker-init",
    )
    assert [mount for mount in mounts if mount != "/" and not mount.startswith(allowed)] == []


def test_the_request_says_exactly_what_was_decided(docker_sandbox: DockerSandbox) -> None:
    container = Backend("docker", docker_sandbox).start("import sys; sys.stdin.read()")
    try:
        api = docker_sandbox.engine.api
        seen = api.inspect_container(container.id)  # type: ignore[attr-defined]
    finally:
        container.end()
    host = seen["HostConfig"]
    assert not host["Binds"]
    assert not host["Mounts"] if "Mounts" in host else seen["Mounts"] == []
    assert not host["Privileged"]
    assert not host["CapAdd"]
    assert not host["Devices"]
    assert host["NetworkMode"] == "none"
    assert host["PidMode"] in ("", "private")
    assert host["IpcMode"] == "private"
    assert host["OomScoreAdj"] == 1000
    assert host["LogConfig"]["Type"] == "none"
    assert seen["Config"]["NetworkDisabled"]
    assert {"grader.job", "grader.role", "grader.owner", "grader.boot", "grader.deadline"} <= set(
        seen["Config"]["Labels"]
    )
