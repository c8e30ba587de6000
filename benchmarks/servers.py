"""Starts and stops the servers under measurement, each as the process that its users would start."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from benchmarks import janus
from benchmarks.machine import go_first
from benchmarks.traffic import AUDIO, VIDEO
from benchmarks.worker import ROOT

START_SECONDS = 30.0


class Server:
    """A server with a folder of its own. `publish` and `watch` are what publisher and viewers are told."""

    name = ""
    settings: ClassVar[dict[str, str]] = {}
    pid = 0
    publish: dict[str, Any]
    watch: dict[str, Any]
    addresses: dict[str, str]
    """Of pages, by name."""

    async def __aenter__(self) -> Server:
        self._folder = tempfile.TemporaryDirectory(prefix="liveroom-bench-")
        self.folder = Path(self._folder.name)
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._start()
        except (OSError, ValueError, TimeoutError) as error:
            said = (self.folder / "log").read_text(errors="replace")[-1500:]
            await self.__aexit__()
            raise RuntimeError(f"{self.name} did not start: {error!r}\n{said}") from error
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 10)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        self._folder.cleanup()

    async def _start(self) -> None:
        raise NotImplementedError

    async def _run(self, *command: str, output: int | None = None) -> asyncio.subprocess.Process:
        with (self.folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output or log,
                stderr=log,
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)} | self.settings,
                preexec_fn=go_first,
            )
        self.pid = self._process.pid
        return self._process


class Liveroom(Server):
    """`liveroom demo`, furnished and with everything that a room does beside the media."""

    name = "liveroom"

    async def _start(self) -> None:
        command = f"-m liveroom demo --host 127.0.0.1 --port 0 --udp-port 0 --json --data {self.folder / 'data'}"
        process = await self._run(sys.executable, *command.split(), output=asyncio.subprocess.PIPE)
        if process.stdout is None:
            raise OSError("no standard output")
        addresses = json.loads(await process.stdout.readline())
        self.addresses = addresses
        self.publish = {"whip": addresses["whip"], "token": addresses["whip_token"]}
        self.watch = {"whep": addresses["whep"], "host": "127.0.0.1"}


class Unrecorded(Liveroom):
    """The same without writing the broadcast down."""

    name = "liveroom, unrecorded"
    settings: ClassVar[dict[str, str]] = {"LIVEROOM_RECORD": "0"}


class Janus(Server):
    """Janus with one mountpoint, fed with plain RTP: it has no publisher's encryption to open."""

    name = "janus"

    async def _start(self) -> None:
        ports = janus.configure(self.folder)
        await self._run("janus", "-C", str(self.folder / "janus.jcfg"), "-F", str(self.folder), "-o")
        self.publish = {kind: ports[kind] for kind in (AUDIO, VIDEO)}
        signalling = f"ws://127.0.0.1:{ports['websocket']}"
        self.watch = {"janus": signalling, "mountpoint": janus.MOUNTPOINT, "host": janus.address()}
        while True:
            if self._process.returncode is not None:
                raise OSError(f"it ended with status {self._process.returncode}")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", ports["websocket"])
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return
