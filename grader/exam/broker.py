"""Carries frames between examiner and candidate, and believes the examiner alone.

The broker never parses what the candidate sends. It checks its size, that it is the one reply to the one request (each
request has a fresh nonce), that it comes in time, how much came in all and how often the candidate was restarted; and
it keeps a hash chain over everything that went through, the transcript.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import select
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from grader.errors import ExamError
from grader.exam import protocol
from grader.exam.attached import MAX_LOG, Gone, Stream
from grader.exam.protocol import SIZE, Kind
from grader.sandbox import Container

MAX_TOTAL = 2 * 1024 * 1024 * 1024
"""Most bytes a candidate may send in one exam."""
MAX_RESTARTS = 3
"""How often a candidate that ended is replaced; tests after that fail."""
GRACE = 5.0
"""Seconds the examiner gets past the exam's time to finish by itself."""

Start = Callable[[], Container]


@dataclass
class Outcome:
    """What the examiner said, and what was seen of the containers."""

    manifest: list[dict[str, Any]] | None = None
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    running: str | None = None
    """Id of the test that had begun and got no verdict."""
    out_of_time: bool = False
    notebook: dict[str, Any] | None = None
    """What the examiner learnt of the notebook's execution; its outputs are the candidate's claims."""
    candidate_log: bytes = b""
    examiner_log: bytes = b""
    transcript: str = ""


class Broker:
    """One exam: start with `run`, which always ends both containers."""

    def __init__(
        self,
        examiner: Container,
        start_candidate: Start,
        files: Mapping[str, bytes],
        *,
        seconds: float,
        max_log: int = MAX_LOG,
        on_frame: Callable[[Kind, dict[str, Any]], None] = lambda kind, data: None,
    ) -> None:
        self._examiner = Stream(examiner)
        self._start = start_candidate
        self._files = protocol.pack_files({}, files)
        self._candidate: Stream | None = None
        self._deadline = time.monotonic() + seconds
        self._on_frame = on_frame
        self._max_log = max_log
        self._restarts = 0
        self._sent_by_candidates = 0
        self._gone: Gone | None = None
        self._chain = hashlib.sha256()
        self.outcome = Outcome()

    def run(self, job: bytes, candidate: Container) -> Outcome:
        """Hold the exam. `job` is the examiner's first frame. Raises ExamError when the examiner fails."""
        try:
            self._admit(candidate)
            self._note(b"exam", job)
            self._examiner.put(Kind.EXAM, job)
            while not self._turn():
                pass
        finally:
            with ThreadPoolExecutor(1) as pool:  # an end takes a tenth of a second: both at once
                pool.submit(self._examiner.container.end)
                self._end_candidate()
            self.outcome.examiner_log = bytes(self._examiner.log)
            self.outcome.transcript = "sha256:" + self._chain.hexdigest()
        return self.outcome

    def _note(self, who: bytes, payload: bytes) -> None:
        """Chain a frame: each hash covers the one before, who spoke, and the payload's own hash."""
        link = hashlib.sha256(self._chain.digest() + who + b"\0" + hashlib.sha256(payload).digest())
        self._chain = link

    # the examiner's side

    def _turn(self) -> bool:
        """Serve one frame of the examiner; True when the exam is over."""
        frame = self._next_of_examiner()
        if frame is None:
            self.outcome.out_of_time = True
            return True
        tag, payload = frame
        if tag == Kind.CALL:
            self._call(payload)
        elif tag == Kind.RESTART:
            self._restart()
        elif tag == Kind.DONE:
            return self._done(payload)
        elif tag in (Kind.MANIFEST, Kind.STARTED, Kind.VERDICT, Kind.EXECUTED):
            self._record(Kind(tag), payload)
        else:
            raise ExamError(f"the examiner sent a frame of unknown kind {tag}")
        return False

    def _next_of_examiner(self) -> tuple[int, bytes] | None:
        while True:
            frame = self._examiner.frame()
            if frame is not None:
                return frame
            if self._examiner.ended:
                raise ExamError(f"the examiner ended early: {_tail(self._examiner.log)}")
            if not self._pump(self._deadline + GRACE):
                return None

    def _record(self, kind: Kind, payload: bytes) -> None:
        data = json.loads(payload)
        if kind == Kind.VERDICT:  # what was decided, not how long it took: a regrade gives the same chain
            self._note(b"verdict", json.dumps([data["id"], data["status"]]).encode())
        if kind == Kind.MANIFEST:
            self.outcome.manifest = data
            data = {"tests": data}
        elif kind == Kind.STARTED:
            self.outcome.running = data["id"]
        elif kind == Kind.EXECUTED:
            self.outcome.notebook = data
        else:
            self.outcome.verdicts.append(data)
            self.outcome.running = None
        self._on_frame(kind, data)

    def _done(self, payload: bytes) -> bool:
        error = json.loads(payload).get("error")
        if error:
            raise ExamError(f"the examiner failed: {error}")
        return True

    def _answer(self, kind: Kind, payload: bytes) -> None:
        self._note(kind.name.lower().encode(), payload)
        self._examiner.put(kind, payload)

    def _tell_gone(self) -> None:
        assert self._gone is not None
        gone = {"reason": self._gone.reason, "detail": self._gone.detail}
        self._answer(Kind.GONE, protocol.pack(gone, []))

    # the candidate's side

    def _admit(self, container: Container) -> None:
        """Give a fresh candidate its files."""
        self._candidate = Stream(container)
        self._gone = None
        try:
            self._exchange(self._files, self._deadline)
        except Gone as gone:
            self._lose(gone)

    def _call(self, payload: bytes) -> None:
        (milliseconds,) = SIZE.unpack_from(payload)
        self._note(b"call", payload[SIZE.size :])
        if self._gone is None:
            try:
                self._answer(Kind.ANSWER, self._exchange(payload[SIZE.size :], time.monotonic() + milliseconds / 1000))
                return
            except Gone as gone:
                self._lose(gone)
        self._tell_gone()

    def _exchange(self, payload: bytes, deadline: float) -> bytes:
        """Send one request and return the one reply. Raises Gone."""
        candidate = self._candidate
        assert candidate is not None
        deadline = min(deadline, self._deadline)
        candidate.read()
        if candidate.pending():
            raise Gone("crashed", "the submission's process sent bytes that nobody asked for")
        nonce = secrets.randbits(32)
        candidate.put(nonce, payload)
        while True:
            frame = candidate.frame()
            if frame is not None:
                return self._accept(frame, nonce)
            if candidate.received + self._sent_by_candidates > MAX_TOTAL:
                raise Gone("crashed", f"the submission's process sent more than {MAX_TOTAL} bytes in all")
            if candidate.ended:
                raise Gone("crashed", "the submission's process ended during the test")
            if not self._pump(deadline):
                raise Gone("timeout", "no answer from the submission in the time allowed")

    def _accept(self, frame: tuple[int, bytes], nonce: int) -> bytes:
        tag, payload = frame
        assert self._candidate is not None
        if tag != nonce or self._candidate.pending():
            raise Gone("crashed", "the submission's process sent bytes that are not the answer to the question")
        return payload

    def _lose(self, gone: Gone) -> None:
        """End the candidate and remember why: its exit tells whether memory ran out."""
        exit_code, out_of_memory = self._end_candidate()
        if out_of_memory and gone.reason != "timeout":
            gone = Gone("out_of_memory", "the submission's process used more memory than it may")
        elif gone.reason == "crashed" and exit_code is not None and "ended during" in gone.detail:
            gone = Gone("crashed", f"{gone.detail} (exit status {exit_code})")
        self._gone = gone

    def _end_candidate(self) -> tuple[int | None, bool]:
        stream, self._candidate = self._candidate, None
        if stream is None:
            return None, False
        if stream.ended:
            ended = stream.container.end()
        else:
            stream.read()
            ended = stream.container.end()
        self._sent_by_candidates += stream.received
        self.outcome.candidate_log = (self.outcome.candidate_log + bytes(stream.log))[: self._max_log]
        return ended.code, ended.out_of_memory

    def _restart(self) -> None:
        was_gone = self._gone is not None
        self._restarts += was_gone
        if time.monotonic() > self._deadline:
            self._gone = Gone("timeout", "the time of the exam is used up")
            self._tell_gone()
            return
        if self._restarts > MAX_RESTARTS:
            self._gone = Gone(
                "crashed", f"the submission's process ended {self._restarts} times; it is not started again"
            )
            self._tell_gone()
            return
        self._end_candidate()
        self._admit(self._start())
        if self._gone is not None:
            self._tell_gone()
        else:
            self._answer(Kind.READY, b"")

    # both

    def _pump(self, deadline: float) -> bool:
        """Move bytes for a while; False when `deadline` (monotonic seconds) has passed."""
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        streams = [s for s in (self._examiner, self._candidate) if s is not None and not s.ended]
        readers = {s.socket: s for s in streams}
        writers = {s.socket: s for s in streams if s.wants_write()}
        ready, writable, _ = select.select(list(readers), list(writers), [], min(left, 1.0))
        for one in writable:
            writers[one].write()
        for one in ready:
            readers[one].read()
        return True


def _tail(log: bytearray) -> str:
    return bytes(log[-2000:]).decode("utf-8", "backslashreplace").strip() or "it said nothing"
