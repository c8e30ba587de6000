"""One process full of viewers on raw sockets: an event loop's objects for ten thousand would be the load measured.

    python -m liveroom.loadtest.crowd '{"host": …}'

Prints one JSON object a line: every second how far it is, at the end its figures.
"""

from __future__ import annotations

import contextlib
import json
import random
import resource
import select
import socket
import ssl
import sys
import time
import uuid
from typing import Any

import msgspec

from liveroom.loadtest import wire
from liveroom.loadtest.figures import Figures

PING_EVERY = 15.0
"""Seconds between two pings of a page, as web/js/net/socket.js sends them."""

AT_ONCE = 200
"""Viewers on their way in at a time."""

CONNECT_WITHIN = 30.0
PORTS = 20_000
"""Viewers from one address of the loopback network: each address has its own ports."""

REPORT_EVERY = 1.0
ANSWER_WITHIN = 5.0
_VOTABLE = {"published", "queued", "on_air"}
_BIND_WITHOUT_PORT = 24  # IP_BIND_ADDRESS_NO_PORT of ip(7), which Python's socket module does not name


class Viewer:
    """A page that is open."""

    __slots__ = ("began", "deaf", "desk", "input", "opened", "output", "pinged_at", "secured", "sock")

    def __init__(self, sock: socket.socket, output: bytes, *, desk: bool, deaf: bool) -> None:
        self.sock = sock
        self.output = output
        self.input = b""
        self.opened = False
        self.secured = not isinstance(sock, ssl.SSLSocket)
        self.desk = desk
        self.deaf = deaf
        self.began = time.monotonic()
        self.pinged_at = 0.0


class Crowd:
    """All viewers of this process."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.figures = Figures(wanted=plan["viewers"])
        self.poll = select.epoll()
        self.by_fd: dict[int, Viewer] = {}
        self.opened: list[Viewer] = []
        self.desk: Viewer | None = None
        self.coming = 0
        self.started = 0
        self.number = 0
        self.waiting: dict[int, tuple[str, float]] = {}
        self.votable: set[str] = set()
        self.to_publish: set[str] = set()
        self.seen: dict[bytes, float] = {}
        self.offset, self.best_trip = 0.0, 1e9
        self.measuring = False
        self.at_ping = 0
        self.space = bytearray(1 << 18)
        self.secure: ssl.SSLContext | None = None
        if plan["tls"]:
            self.secure = ssl.create_default_context()
            if plan["insecure"]:
                self.secure.check_hostname, self.secure.verify_mode = False, ssl.CERT_NONE

    def run(self) -> None:
        plan, began = self.plan, time.monotonic()
        wanted = plan["viewers"] + bool(plan["cookie"])
        reported = began
        while self.started < wanted or self.coming:
            now = time.monotonic()
            due = min(wanted, int((now - began) * plan["joins_per_second"]) + 1)
            while self.started < due and self.coming < AT_ONCE:
                self._join()
            self._turn(0.01)
            self._give_up(now)
            reported = self._report(reported)
        self.figures.connecting_seconds = time.monotonic() - began
        self._learn_the_time()
        self.figures.published = 0
        print(json.dumps({"phase": "measuring", **self._progress()}), flush=True)
        self.measuring = True
        began = time.monotonic()
        asked = voted = 0
        while (passed := time.monotonic() - began) < plan["seconds"]:
            while asked < passed * plan["questions_per_second"]:
                asked += 1
                self._ask()
            while voted < passed * plan["votes_per_second"]:
                voted += 1
                self._vote()
            self._ping()
            self._turn(0.005)
            reported = self._report(reported)
        self.measuring = False
        print(json.dumps({"phase": "measured"}), flush=True)
        until = time.monotonic() + ANSWER_WITHIN
        while self.waiting and time.monotonic() < until:
            self._turn(0.05)
        self.figures.unanswered = sum(kind in {"ask", "second"} for kind, _ in self.waiting.values())
        print(json.dumps({"figures": self.figures.plain()}), flush=True)

    def _join(self) -> None:
        plan, number = self.plan, self.started
        desk = bool(plan["cookie"]) and number == 0
        self.started += 1
        headers = {"Cookie": plan["cookie"]} if desk else {}
        if plan["key"]:
            headers["X-Liveroom-Loadtest"] = plan["key"]
        sock = socket.socket(socket.AF_INET6 if ":" in plan["address"] else socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        if plan["address"].startswith("127."):
            sock.setsockopt(socket.IPPROTO_IP, _BIND_WITHOUT_PORT, 1)
            sock.bind((f"127.0.{plan['worker'] % 250}.{2 + number // PORTS}", 0))
        sock.connect_ex((plan["address"], plan["port"]))
        if self.secure is not None:
            sock = self.secure.wrap_socket(sock, server_hostname=plan["host"], do_handshake_on_connect=False)
        deaf = not desk and number < plan["deaf"]
        request = wire.handshake(plan["authority"], plan["path"], headers)
        viewer = Viewer(sock, request, desk=desk, deaf=deaf)
        self.by_fd[sock.fileno()] = viewer
        self.poll.register(sock, select.EPOLLIN | select.EPOLLOUT)
        self.coming += 1

    def _turn(self, seconds: float) -> None:
        for fd, event in self.poll.poll(seconds, 512):
            viewer = self.by_fd.get(fd)
            if viewer is None:
                continue
            try:
                if not viewer.secured:
                    viewer.sock.do_handshake()  # type: ignore[attr-defined]
                    viewer.secured = True
                if viewer.output and event & select.EPOLLOUT:
                    self._flush(viewer)
                if event & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                    self._read(viewer)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                continue
            except (OSError, ValueError) as error:
                self._lose(viewer, type(error).__name__)

    def _read(self, viewer: Viewer) -> None:
        while True:
            size = viewer.sock.recv_into(self.space)
            if not size:
                self._lose(viewer, "closed")
                return
            data = bytes(memoryview(self.space)[:size])
            if viewer.input:
                data = viewer.input + data
                viewer.input = b""
            if not viewer.opened:
                data = self._open(viewer, data)
            end = 0
            for opcode, content, end in wire.frames(data):  # noqa: B007 - the last end is where the rest begins
                self._take(viewer, opcode, content)
                if viewer.sock.fileno() < 0:
                    return
            viewer.input = data[end:]
            if self.secure is None or not viewer.sock.pending():  # type: ignore[attr-defined]
                return

    def _open(self, viewer: Viewer, data: bytes) -> bytes:
        found = wire.status(data)
        if found is None:
            viewer.input = data
            return b""
        code, end = found
        if code != 101:
            raise ConnectionRefusedError(f"HTTP {code}")
        viewer.opened = True
        self.coming -= 1
        if viewer.desk:
            self.desk = viewer
        else:
            self.figures.connected += 1
            self.figures.joining.add((time.monotonic() - viewer.began) * 1000)
            if not viewer.deaf:
                self.opened.append(viewer)
        view = b"desk" if viewer.desk else b"room"
        self._send(viewer, b'{"type":"hello","view":"' + view + b'"}')
        if viewer.deaf:
            self.poll.modify(viewer.sock, 0)
        return data[end:]

    def _take(self, viewer: Viewer, opcode: int, content: bytes) -> None:
        if opcode == wire.PING:
            self._write(viewer, wire.frame(content, wire.PONG))
        elif opcode == wire.CLOSE:
            self._lose(viewer, str(int.from_bytes(content[:2], "big")))
        elif content.startswith((b'{"type":"feed"', b'{"type":"counts"')):
            if viewer.desk:
                self._triage(content)
                return
            at = self.seen.get(content)
            if at is None:
                at = self._look(content)
            if self.measuring:
                self.figures.deliveries += 1
                self.figures.bytes += len(content)
                self.figures.delivery.add(time.time() * 1000 - at + self.offset)
        elif content.startswith(b'{"type":"snapshot"'):
            if viewer.desk:
                self._triage(content)
            elif not self.seen:
                self._look(content)
        elif content.startswith(b'{"type":"refused"') or b'"id":' in content[:32]:
            self._take_answer(msgspec.json.decode(content))

    def _look(self, content: bytes) -> float:
        """A piece of news that nobody here has heard yet; when it was told."""
        message = msgspec.json.decode(content)
        for question in message.get("questions", message.get("changed", ())):
            if question["state"] in _VOTABLE:
                self.votable.add(question["id"])
            else:
                self.votable.discard(question["id"])
        self.votable.difference_update(message.get("gone", ()))
        at = float(message.get("at", 0))
        while len(self.seen) >= 64:
            del self.seen[next(iter(self.seen))]
        self.seen[content] = at
        return at

    def _triage(self, content: bytes) -> None:
        """The desk publishes what the crowd asked."""
        message = msgspec.json.decode(content)
        for question in message.get("questions", message.get("changed", ())):
            if question["id"] in self.to_publish and question["state"] == "pending" and self.desk is not None:
                self.to_publish.discard(question["id"])
                self._wish(self.desk, "publish", {"question": question["id"]})

    def _wish(self, viewer: Viewer, kind: str, fields: dict[str, str]) -> None:
        self.number += 1
        self.waiting[self.number] = kind, time.monotonic()
        self._send(viewer, msgspec.json.encode({"type": kind, "id": self.number, **fields}))

    def _ask(self) -> None:
        if self.opened:
            text = f"load test, question {self.plan['worker']}.{self.figures.asked + 1}"
            self.figures.asked += 1
            self._wish(random.choice(self.opened), "ask", {"key": uuid.uuid4().hex, "text": text})

    def _vote(self) -> None:
        if self.opened and self.votable:
            question = random.choice(tuple(self.votable)[-200:])
            self.figures.voted += 1
            self._wish(random.choice(self.opened), "second", {"question": question})

    def _ping(self) -> None:
        """As pages do: everybody in turn, once in `PING_EVERY`, evenly spread."""
        now = time.monotonic()
        for _ in range(len(self.opened)):
            at = self.at_ping % len(self.opened)
            viewer = self.opened[at]
            if not viewer.pinged_at:
                # Who is nth has its first one after the nth part of the time, and so the turn stays.
                viewer.pinged_at = now - PING_EVERY * (1 - at / len(self.opened))
                self.at_ping += 1
                continue
            if now - viewer.pinged_at < PING_EVERY:
                return
            viewer.pinged_at += PING_EVERY
            self.at_ping += 1
            self._wish(viewer, "ping", {})

    def _learn_the_time(self) -> None:
        """How much the server's clock is behind ours, by the quickest of a few pings."""
        for _ in range(10):
            if self.opened:
                self._wish(self.opened[0], "ping", {})
            until = time.monotonic() + 0.1
            while time.monotonic() < until:
                self._turn(0.01)

    def _take_answer(self, answer: dict[str, Any]) -> None:
        kind, sent = self.waiting.pop(answer["id"] or 0, ("", 0.0))
        took = (time.monotonic() - sent) * 1000
        if answer["type"] == "refused":
            self.figures.refusals[f"{kind or 'hello'}: {answer['code']}"] += 1
        elif kind == "ask":
            self.figures.asking.add(took)
            if self.desk is not None:
                self.to_publish.add(answer["question"]["id"])
                if len(self.to_publish) > 1000:
                    self.to_publish.pop()
        elif kind == "second":
            self.figures.voting.add(took)
        elif kind == "publish":
            self.figures.published += 1
        elif kind == "ping" and not self.measuring and took < self.best_trip:
            self.best_trip = took
            self.offset = answer["at"] - (time.time() * 1000 - took / 2)

    def _send(self, viewer: Viewer, text: bytes) -> None:
        self._write(viewer, wire.frame(text))

    def _write(self, viewer: Viewer, data: bytes) -> None:
        viewer.output += data
        try:
            self._flush(viewer)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self.poll.modify(viewer.sock, select.EPOLLIN | select.EPOLLOUT)
        except OSError as error:
            self._lose(viewer, type(error).__name__)

    def _flush(self, viewer: Viewer) -> None:
        viewer.output = viewer.output[viewer.sock.send(viewer.output) :]
        if not viewer.output and not viewer.deaf:
            self.poll.modify(viewer.sock, select.EPOLLIN)

    def _lose(self, viewer: Viewer, why: str) -> None:
        fd = viewer.sock.fileno()
        if fd < 0:
            return
        self.by_fd.pop(fd, None)
        self.poll.unregister(fd)
        viewer.sock.close()
        if not viewer.opened:
            self.coming -= 1
            self.figures.refusals[f"join: {why}"] += 1
        elif not viewer.deaf:
            self.figures.dropped += 1
            self.figures.closed[why] += 1
            if viewer in self.opened:
                self.opened.remove(viewer)

    def _give_up(self, now: float) -> None:
        if self.started >= self.plan["viewers"]:
            for viewer in tuple(self.by_fd.values()):
                if not viewer.opened and now - viewer.began > CONNECT_WITHIN:
                    self._lose(viewer, "too slow")

    def _progress(self) -> dict[str, int]:
        figures = self.figures
        return {"connected": figures.connected, "deliveries": figures.deliveries, "dropped": figures.dropped}

    def _report(self, last: float) -> float:
        now = time.monotonic()
        if now - last < REPORT_EVERY:
            return last
        print(json.dumps(self._progress()), flush=True)
        return now


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.suppress(BrokenPipeError):  # whoever listened is gone, and the test with it
        Crowd(json.loads(sys.argv[1])).run()


if __name__ == "__main__":
    main()
