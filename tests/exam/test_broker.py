"""The broker against candidates and examiners that say whatever they like, byte by byte."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from grader.errors import ExamError
from grader.exam import broker, protocol
from grader.exam.broker import Broker, Outcome
from grader.exam.protocol import HEAD, SIZE, Kind
from grader.sandbox import STDERR, STDOUT, Exit

PIECE = struct.Struct(">BxxxI")


class Peer:
    """The far end of a container's stream, driven by a test."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def read_exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            chunk = self.sock.recv(size - len(data))
            if not chunk:
                raise EOFError
            data += chunk
        return data

    def frame(self) -> tuple[int, bytes]:
        size, tag = HEAD.unpack(self.read_exactly(HEAD.size))
        return tag, self.read_exactly(size)

    def raw(self, data: bytes, stream: int = STDOUT) -> None:
        self.sock.sendall(PIECE.pack(stream, len(data)) + data)

    def put(self, tag: int, payload: bytes = b"") -> None:
        self.raw(HEAD.pack(len(payload), tag) + payload)


class Scripted:
    """A container whose program is a Python function in a thread."""

    image_id = "sha256:scripted"

    def __init__(self, script: Callable[[Peer], None], end: Exit = Exit(0, False)) -> None:
        self.socket, far = socket.socketpair()
        self.ended = False
        self._end = end
        self._far = far
        self._thread = threading.Thread(target=self._play, args=(script,), daemon=True)
        self._thread.start()

    def _play(self, script: Callable[[Peer], None]) -> None:
        try:
            script(Peer(self._far))
        except (EOFError, OSError):
            return
        finally:
            self._far.close()

    def end(self) -> Exit:
        if not self.ended:
            self.ended = True
            self.socket.close()
            self._thread.join(5)
            assert not self._thread.is_alive()
        return self._end


def ask(peer: Peer, payload: bytes, milliseconds: int = 2000) -> tuple[int, bytes]:
    peer.put(Kind.CALL, SIZE.pack(milliseconds) + payload)
    return peer.frame()


def hold(
    examiner: Callable[[Peer], None],
    candidate: Callable[[Peer], None],
    *,
    seconds: float = 20,
    end: Exit = Exit(0, False),
) -> tuple[Outcome, list[Scripted]]:
    made: list[Scripted] = []

    def start() -> Scripted:
        made.append(Scripted(candidate, end))
        return made[-1]

    judge = Scripted(examiner)
    outcome = Broker(judge, start, {"solution.py": b""}, seconds=seconds).run(b"job", start())
    assert judge.ended
    assert all(c.ended for c in made)
    return outcome, made


def one_question(answers: list[tuple[int, bytes]], milliseconds: int = 2000) -> Callable[[Peer], None]:
    """An examiner that asks once, notes the answer, and is done."""

    def script(peer: Peer) -> None:
        peer.frame()
        answers.append(ask(peer, b"question", milliseconds))
        peer.put(Kind.DONE, b"{}")

    return script


def welcome(peer: Peer) -> None:
    nonce, _ = peer.frame()
    peer.put(nonce, b"ready")


def gone(answer: tuple[int, bytes]) -> tuple[str, str]:
    assert answer[0] == Kind.GONE
    head, _ = protocol.unpack(answer[1])
    return head["reason"], head["detail"]


def test_an_answer_is_carried_unopened() -> None:
    answers: list[tuple[int, bytes]] = []

    def candidate(peer: Peer) -> None:
        welcome(peer)
        nonce, payload = peer.frame()
        assert payload == b"question"
        peer.put(nonce, b"\xff not even JSON \x00")
        peer.frame()

    hold(one_question(answers), candidate)

    assert answers == [(Kind.ANSWER, b"\xff not even JSON \x00")]


def surplus(peer: Peer) -> None:
    welcome(peer)
    nonce, _ = peer.frame()
    peer.raw(HEAD.pack(1, nonce) + b"a" + HEAD.pack(1, nonce) + b"b")
    peer.frame()


def wrong_nonce(peer: Peer) -> None:
    welcome(peer)
    nonce, _ = peer.frame()
    peer.put(nonce ^ 1, b"a")
    peer.frame()


def unasked(peer: Peer) -> None:
    nonce, _ = peer.frame()
    peer.raw(HEAD.pack(5, nonce) + b"ready" + b"more")
    peer.frame()


def oversized(peer: Peer) -> None:
    welcome(peer)
    nonce, _ = peer.frame()
    peer.raw(HEAD.pack(0xFFFFFFFF, nonce) + b"x" * 100)
    peer.frame()


def verdict(peer: Peer) -> None:
    welcome(peer)
    peer.frame()
    peer.put(Kind.VERDICT, json.dumps({"id": "t", "status": "passed"}).encode())
    peer.frame()


def silent_end(peer: Peer) -> None:
    welcome(peer)
    peer.frame()


@pytest.mark.parametrize("candidate", [surplus, wrong_nonce, unasked, oversized, verdict, silent_end])
def test_bytes_that_are_not_the_one_answer_end_the_candidate(candidate: Callable[[Peer], None]) -> None:
    answers: list[tuple[int, bytes]] = []

    outcome, made = hold(one_question(answers), candidate)

    assert gone(answers[0])[0] == "crashed"
    assert outcome.verdicts == []
    assert made[0].ended


def test_a_late_answer_is_a_timeout_even_when_it_drips() -> None:
    answers: list[tuple[int, bytes]] = []

    def candidate(peer: Peer) -> None:
        welcome(peer)
        nonce, _ = peer.frame()
        peer.raw(HEAD.pack(1000, nonce))
        for _ in range(100):
            peer.raw(b"x")
            time.sleep(0.05)

    started = time.monotonic()
    hold(one_question(answers, milliseconds=500), candidate)

    assert gone(answers[0])[0] == "timeout"
    assert time.monotonic() - started < 4


def test_a_kernel_kill_for_memory_is_told_apart_from_a_crash() -> None:
    answers: list[tuple[int, bytes]] = []

    hold(one_question(answers), silent_end, end=Exit(137, out_of_memory=True))

    assert gone(answers[0])[0] == "out_of_memory"


def test_a_flood_on_standard_error_is_cut_and_hides_no_answer() -> None:
    answers: list[tuple[int, bytes]] = []

    def candidate(peer: Peer) -> None:
        welcome(peer)
        nonce, _ = peer.frame()
        for _ in range(64):
            peer.raw(b"\xff\x00" * (1 << 17), STDERR)
        peer.put(nonce, b"answer")
        peer.frame()

    outcome, _ = hold(one_question(answers), candidate)

    assert answers == [(Kind.ANSWER, b"answer")]
    assert len(outcome.candidate_log) == broker.MAX_LOG


def test_a_candidate_is_replaced_three_times_and_no_more() -> None:
    said: list[int] = []

    def examiner(peer: Peer) -> None:
        peer.frame()
        for _ in range(6):
            said.append(ask(peer, b"?")[0])
            peer.put(Kind.RESTART)
            said.append(peer.frame()[0])
        peer.put(Kind.DONE, b"{}")

    _, made = hold(examiner, silent_end)

    assert len(made) == 1 + broker.MAX_RESTARTS
    assert said.count(Kind.READY) == broker.MAX_RESTARTS


def test_a_fresh_candidate_asked_for_between_groups_is_no_failure() -> None:
    said: list[int] = []

    def examiner(peer: Peer) -> None:
        peer.frame()
        for _ in range(6):
            peer.put(Kind.RESTART)
            said.append(peer.frame()[0])
        peer.put(Kind.DONE, b"{}")

    def candidate(peer: Peer) -> None:
        welcome(peer)
        peer.frame()

    _, made = hold(examiner, candidate)

    assert said == [Kind.READY] * 6
    assert len(made) == 7


def test_an_examiner_that_ends_early_or_talks_nonsense_is_our_failure() -> None:
    for script in (lambda p: None, lambda p: p.put(99), lambda p: p.put(Kind.DONE, b'{"error": "broken"}')):
        with pytest.raises(ExamError):
            hold(script, silent_end)


def test_an_examiner_that_never_ends_is_stopped_when_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "GRACE", 0.2)

    def examiner(peer: Peer) -> None:
        peer.put(Kind.STARTED, b'{"id": "tests/a.py::test_a"}')
        peer.frame()
        peer.frame()

    outcome, _ = hold(examiner, silent_end, seconds=0.3)

    assert outcome.out_of_time
    assert outcome.running == "tests/a.py::test_a"


def exam_with(status: str, seconds: float) -> Outcome:
    def examiner(peer: Peer) -> None:
        peer.frame()
        ask(peer, b"q")
        peer.put(Kind.VERDICT, json.dumps({"id": "t", "status": status, "seconds": seconds}).encode())
        peer.put(Kind.DONE, b"{}")

    def candidate(peer: Peer) -> None:
        welcome(peer)
        peer.put(peer.frame()[0], b"a")
        peer.frame()

    return hold(examiner, candidate)[0]


def test_the_transcript_repeats_for_the_same_exchange_and_differs_for_another() -> None:
    first, again, other = exam_with("passed", 0.1), exam_with("passed", 0.2), exam_with("failed", 0.1)

    assert first.transcript == again.transcript
    assert first.transcript != other.transcript
    assert first.transcript.startswith("sha256:")


def test_files_reach_the_candidate_whatever_their_size() -> None:
    big = {"a/data.bin": b"\x01" * 9_000_000, "solution.py": b"x = 1"}
    got: dict[str, Any] = {}

    def examiner(peer: Peer) -> None:
        peer.frame()
        ask(peer, b"q")
        peer.put(Kind.DONE, b"{}")

    def candidate(peer: Peer) -> None:
        nonce, payload = peer.frame()
        head, buffers = protocol.unpack(payload)
        got.update(zip(head["files"], map(bytes, buffers), strict=True))
        peer.put(nonce, b"ready")
        peer.put(peer.frame()[0], b"a")
        peer.frame()

    judge = Scripted(examiner)
    Broker(judge, lambda: Scripted(candidate), big, seconds=20).run(b"", Scripted(candidate))

    assert got == big
