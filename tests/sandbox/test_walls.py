"""What student code cannot do in a container: each test runs the attempt inside one and reads what became of it."""

from __future__ import annotations

from sandbox_backends import MIB, Backend, told


def test_memory_over_the_limit_is_an_out_of_memory(walled: Backend) -> None:
    result = walled.run("x = bytearray(1 << 30)", memory=64 * MIB)
    assert result.exit.code == 137
    assert result.exit.out_of_memory


def test_a_child_that_runs_out_of_memory_is_told_although_its_parent_lives(walled: Backend) -> None:
    code = "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'x = bytearray(1 << 30)']).returncode)"
    result = walled.run(code, memory=64 * MIB)
    assert result.stdout == b"-9\n"
    assert result.exit.code == 0
    assert result.exit.out_of_memory


def test_swap_does_not_add_to_the_memory(walled: Backend) -> None:
    code = """
import json, pathlib
root = pathlib.Path("/sys/fs/cgroup")
names = ("memory.max", "memory/memory.limit_in_bytes"), ("memory.swap.max", "memory/memory.memsw.limit_in_bytes")
print(json.dumps([next(int((root / n).read_text()) for n in pair if (root / n).exists()) for pair in names]))
"""
    memory, swap = told(walled, code, memory=96 * MIB)
    assert memory == 96 * MIB
    assert swap in (0, 96 * MIB)


STATUS = """
import json, os
lines = (line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
print(json.dumps({name: value.split() for name, value in lines}))
"""


def test_a_program_is_nobody_without_any_privilege(walled: Backend) -> None:
    status = told(walled, STATUS)
    assert len(set(status["Uid"] + status["Gid"])) == 1
    assert 60000 < int(status["Uid"][0]) < 65534
    assert status["Groups"] in ([], status["Gid"][:1])
    for kind in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
        assert int(status[kind][0], 16) == 0
    assert status["NoNewPrivs"] == ["1"]
    assert status["Seccomp"] == ["2"]


def test_two_containers_never_share_a_uid(walled: Backend) -> None:
    containers = [walled.start("import os, time; os.write(1, b'%d' % os.getuid()); time.sleep(60)") for _ in range(3)]
    said = {container.socket.recv(100) for container in containers}
    for container in containers:
        container.end()
    assert len(said) == 3


def test_only_three_folders_can_be_written(walled: Backend) -> None:
    code = """
import json, os
found = []
for folder, folders, files in os.walk("/"):
    if folder in ("/proc", "/work", "/tmp", "/dev/shm"):
        folders.clear()
        continue
    paths = [folder, *(os.path.join(folder, name) for name in files)]
    found += [p for p in paths if not os.path.islink(p) and os.access(p, os.W_OK)]
for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/kcore", "/proc/keys", "/proc/timer_list"):
    try:
        hidden = os.stat(path).st_rdev == os.stat("/dev/null").st_rdev
        found += [path] if open(path, "rb+") and not hidden else []
    except OSError:
        pass
for folder in ("/work", "/tmp", "/dev/shm"):
    open(folder + "/file", "w").close()
print(json.dumps(found))
"""
    devices = {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts/ptmx")}
    assert set(told(walled, code)) - devices <= {"/dev/mqueue"}


def test_the_message_queue_folder_takes_nothing(walled: Backend) -> None:
    result = walled.run("open('/dev/mqueue/x', 'w')")
    assert b"Error" in result.stderr


def test_disks_are_small_and_full_disks_say_so(walled: Backend) -> None:
    code = """
import errno, json, os
got = {}
for folder in ("/work", "/tmp", "/dev/shm"):
    written = 0
    try:
        for number in range(64):
            with open(f"{folder}/fill{number}", "wb", buffering=0) as file:
                written += file.write(bytes(1 << 20))
    except OSError as error:
        got[folder] = [written, errno.errorcode[error.errno]]
    for number in range(64):
        if os.path.exists(f"{folder}/fill{number}"): os.remove(f"{folder}/fill{number}")
    try:
        for number in range(30000):
            os.close(os.open(f"{folder}/i{number}", os.O_CREAT | os.O_WRONLY))
        got[folder].append("any number of files")
    except OSError as error:
        got[folder].append(errno.errorcode[error.errno])
print(json.dumps(got))
"""
    got = told(walled, code, disk=8 * MIB)
    assert set(got) == {"/work", "/tmp", "/dev/shm"}
    for written, full, crowded in got.values():
        assert written <= 8 * MIB
        assert full == crowded == "ENOSPC"


def test_one_file_is_no_larger_than_the_disk(walled: Backend) -> None:
    code = """
import json, os, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    os.truncate(os.open("/work/sparse", os.O_CREAT | os.O_WRONLY), 1 << 30)
    print(json.dumps("allowed"))
except OSError as error:
    print(json.dumps(error.strerror))
"""
    assert told(walled, code) == "File too large"


def test_processes_and_threads_are_counted_together(walled: Backend) -> None:
    code = """
import json, os, threading, time
forks = threads = 0
try:
    while forks < 400:
        if os.fork() == 0:
            time.sleep(60); os._exit(0)
        forks += 1
        if forks == 10: break
    while threads < 3000:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); threads += 1
except (OSError, RuntimeError):
    pass
print(json.dumps(forks + threads), flush=True)
os._exit(0)
"""
    assert 20 <= told(walled, code, processes=32) <= 32


def test_a_fork_bomb_stops_at_the_limit(walled: Backend) -> None:
    code = """
import json, os, time
children = 0
try:
    while children < 400:
        if os.fork() == 0:
            time.sleep(60); os._exit(0)
        children += 1
except OSError:
    pass
print(json.dumps(children))
"""
    assert 20 <= told(walled, code, processes=32) <= 32


def test_killing_everything_reaches_only_the_own_container(walled: Backend) -> None:
    other = walled.start("import sys; sys.stdin.read(1); print('alive')")
    walled.run("import os, signal; os.kill(-1, signal.SIGKILL)")
    other.socket.sendall(b"x")
    assert b"alive" in other.socket.recv(100)
    other.end()


def test_processes_see_only_their_own_container(walled: Backend) -> None:
    code = """
import json, os
print(json.dumps([open(f"/proc/{name}/comm").read() for name in os.listdir("/proc") if name.isdigit()]))
"""
    assert sorted(told(walled, code)) == ["docker-init\n", "python3\n"]


def test_the_processor_share_is_limited(walled: Backend) -> None:
    code = """
import json, time
began, used = time.monotonic(), time.process_time()
while time.process_time() - used < 0.3: pass
print(json.dumps(time.monotonic() - began))
"""
    assert told(walled, code, cpus=0.25) > 0.6


def test_the_limits_of_a_process(walled: Backend) -> None:
    code = """
import json, resource as r
names = ("NOFILE", "FSIZE", "CORE", "MEMLOCK", "MSGQUEUE")
print(json.dumps({name: r.getrlimit(getattr(r, "RLIMIT_" + name, 12)) for name in names}))
"""
    got = told(walled, code)
    assert got == {"NOFILE": [1024] * 2, "FSIZE": [16 * MIB] * 2, "CORE": [0, 0], "MEMLOCK": [0, 0], "MSGQUEUE": [0, 0]}
