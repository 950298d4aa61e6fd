"""What must work inside the walls: ordinary programs, the science stack, a notebook kernel. And what images hold."""

from __future__ import annotations

import pytest
from sandbox_backends import MIB, Backend, told

from grader.sandbox.docker import DockerSandbox

ORDINARY = """
import asyncio, concurrent.futures, json, multiprocessing, os, shutil, socket, sqlite3, subprocess, sys, tempfile

async def both():
    return await asyncio.gather(asyncio.to_thread(len, "abc"), asyncio.sleep(0, 1))

def main():
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        yield sum(pool.map(len, ["ab", "c"]))
    for method in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            yield pool.map(abs, [-1, -2])
    yield subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout.strip()
    yield subprocess.run("echo $((1 + 1)) | cat", shell=True, capture_output=True, text=True).stdout.strip()
    yield asyncio.run(both())
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(folder + "/fifo")
        open(folder + "/a", "w").write("x")
        shutil.copy2(folder + "/a", folder + "/b")
        sqlite3.connect(folder + "/db").execute("create table t(x)")
        yield sorted(os.listdir(folder))
    left, right = socket.socketpair()
    left.sendall(b"hi")
    yield right.recv(2).decode()
    open("/work/run.sh", "w").write("#!/bin/sh\\necho ran")
    os.chmod("/work/run.sh", 0o755)
    yield subprocess.run(["/work/run.sh"], capture_output=True, text=True).stdout.strip()

if __name__ == "__main__":
    print(json.dumps(list(main())))
"""


def as_file(program: str) -> str:
    """A snippet that runs the program from a file, as multiprocessing needs."""
    return (
        f"import subprocess, sys; open('/work/program.py', 'w').write({program!r});"
        "sys.exit(subprocess.call([sys.executable, '/work/program.py']))"
    )


def test_ordinary_programs_run(walled: Backend) -> None:
    pools = [[1, 2]] * 3
    expected = [3, *pools, "42", "2", [3, 1], ["a", "b", "db", "fifo"], "hi", "ran"]
    assert told(walled, as_file(ORDINARY)) == expected


SCIENCE = """
import json, os
import numpy as np, pandas as pd, matplotlib.pyplot as plt
from joblib import Parallel, delayed
from sklearn.ensemble import RandomForestClassifier

if __name__ == "__main__":
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4)); y = (X[:, 0] > 0).astype(int)
    done = [float(np.linalg.norm(X @ X.T)) > 0, int(pd.DataFrame(X).describe().shape[0])]
    done.append(bool(RandomForestClassifier(20, n_jobs=2, random_state=0).fit(X, y).score(X, y) > 0.8))
    done.append(Parallel(n_jobs=2)(delayed(abs)(x) for x in (-1, -2)))
    plt.plot([1, 2]); plt.savefig("plot.png"); done.append(os.path.getsize("plot.png") > 1000)
    print(json.dumps(done))
"""


def test_numpy_pandas_scikit_learn_and_matplotlib_run(docker_sandbox: DockerSandbox) -> None:
    backend = Backend("docker", docker_sandbox)
    result = backend.run(as_file(SCIENCE), image="python-ml", memory=1024 * MIB, disk=64 * MIB, cpus=2)
    assert result.stdout == b"[true, 8, true, [1, 2], true]\n", result.stderr.decode()


KERNEL = """
import os, sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60)
code = "import numpy; print(numpy.arange(3).sum())"
show = lambda message: print(message["content"].get("text", ""), end="")
reply = client.execute_interactive(code, timeout=60, output_hook=show)
print(reply["content"]["status"])
client.stop_channels(); manager.shutdown_kernel(now=True)
"""


def test_a_notebook_kernel_runs(docker_sandbox: DockerSandbox) -> None:
    backend = Backend("docker", docker_sandbox)
    result = backend.run(KERNEL, image="python-ml", memory=1024 * MIB, disk=64 * MIB)
    assert result.stdout == b"3\nok\n", result.stderr.decode()


@pytest.mark.parametrize("image", ["python", "python-ml", "examiner"])
def test_an_image_holds_no_tool_and_no_setuid_file(docker_sandbox: DockerSandbox, image: str) -> None:
    code = """
import json, os, shutil, stat
tools = [t for t in "pip pip3 gcc cc g++ make git curl wget ssh nc docker gdb strace".split() if shutil.which(t)]
special = []
for folder, folders, files in os.walk("/"):
    if folder in ("/proc", "/sys"): folders.clear()
    for name in files:
        path = os.path.join(folder, name)
        mode = os.lstat(path).st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID): special.append(path)
try:
    import pip; tools.append("pip module")
except ImportError:
    pass
cached = os.path.isdir("/opt/grader/grader/exam/__pycache__")
print(json.dumps([tools, special, os.readlink("/usr/local/bin/python"), sorted(os.listdir("/opt/grader")), cached]))
"""
    got = told(Backend("docker", docker_sandbox), code, image=image)
    assert got[:3] == [[], [], "/usr/bin/python3"]
    assert {"grader", "run.py"} <= set(got[3])
    assert got[4]
