"""Janus (Debian's package) as the other server: its configuration, its process's signalling. Knows no SRTP.

What is set is what costs it least: one event loop, ICE-lite, the streaming plugin alone, warnings only. Janus offers no
loopback address for media, so viewers reach it at the machine's own address; the kernel sends that over loopback too.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.client import Local, Remote
from benchmarks.traffic import AUDIO, PAYLOAD_TYPES, VIDEO
from benchmarks.whip import head, section
from liveroom.media.addresses import own_addresses

MOUNTPOINT = 1
_KEEPALIVE_EVERY = 20.0

_MAIN = """
general: {{
    configs_folder = "{folder}"
    plugins_folder = "{folder}/plugins"
    transports_folder = "{folder}/transports"
    debug_level = 3
    session_timeout = 0
    event_loops = 1
    protected_folders = []
}}
nat: {{
    ice_lite = true
    ice_enforce_list = "{address}"
    ice_ignore_list = ""
}}
"""
_STREAMING = """
general: {{}}
bench: {{
    type = "rtp"
    id = {mountpoint}
    audio = true
    video = true
    audioport = {audio}
    audioiface = "127.0.0.1"
    audiopt = {audio_type}
    audiocodec = "opus"
    videoport = {video}
    videoiface = "127.0.0.1"
    videopt = {video_type}
    videocodec = "vp8"
}}
"""
_WEBSOCKETS = """
general: {{
    json = "compact"
    ws = true
    ws_port = {port}
    ws_ip = "127.0.0.1"
}}
"""


def missing() -> str:
    """Why Janus cannot be measured here; empty when it can."""
    if shutil.which("janus") is None or not _library("plugins", "streaming"):
        return "Janus is not installed (Debian's package: janus)"
    return "" if address() else "Janus needs an address beside loopback, and this machine has none"


def address() -> str:
    """The machine's own address, or nothing."""
    return next((found for found in own_addresses("0.0.0.0") if not found.startswith("127.")), "")


def version() -> str:
    """The version of Debian's package."""
    if shutil.which("dpkg-query") is None:
        return "unknown"
    shown = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Version}", "janus"], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip() or "unknown"


def _library(kind: str, name: str) -> list[Path]:
    return sorted(Path("/usr/lib").glob(f"*/janus/{kind}/libjanus_{name}.so*"))


def configure(folder: Path) -> dict[str, int]:
    """Write a configuration into an empty folder; the ports: websocket, audio, video."""
    ports = dict(zip(("websocket", AUDIO, VIDEO), _free_ports(3), strict=True))
    (folder / "janus.jcfg").write_text(_MAIN.format(folder=folder, address=address()))
    (folder / "janus.plugin.streaming.jcfg").write_text(
        _STREAMING.format(
            mountpoint=MOUNTPOINT,
            audio=ports[AUDIO],
            video=ports[VIDEO],
            audio_type=PAYLOAD_TYPES[AUDIO],
            video_type=PAYLOAD_TYPES[VIDEO],
        )
    )
    (folder / "janus.transport.websockets.jcfg").write_text(_WEBSOCKETS.format(port=ports["websocket"]))
    for kind, name in (("plugins", "streaming"), ("transports", "websockets")):
        (folder / kind).mkdir()
        (folder / kind / f"libjanus_{name}.so").symlink_to(_library(kind, name)[-1])
    return ports


def _free_ports(count: int) -> list[int]:
    socks = [socket.socket(socket.AF_INET, kind) for kind in [socket.SOCK_STREAM] + [socket.SOCK_DGRAM] * (count - 1)]
    try:
        for sock in socks:
            sock.bind(("127.0.0.1", 0))
        return [int(sock.getsockname()[1]) for sock in socks]
    finally:
        for sock in socks:
            sock.close()


class Streaming:
    """Viewers of a mountpoint: one Janus session over one websocket, a handle for each."""

    def __init__(self, url: str, mountpoint: int) -> None:
        self._url = url
        self._mountpoint = mountpoint
        self._session = 0
        self._opening = asyncio.Lock()
        self._replies: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._tasks: list[asyncio.Task[None]] = []

    async def negotiate(self, local: Local) -> Remote:
        """Attach, watch, answer the plugin's offer; DTLS is left to the client."""
        async with self._opening:
            if not self._session:
                await self._open()
        handle = (await self._ask(janus="attach", plugin="janus.plugin.streaming"))["data"]["id"]
        event = await self._ask(
            handle, janus="message", body={"request": "watch", "id": self._mountpoint, "offer_audio": True}
        )
        if "jsep" not in event:
            raise ConnectionError(f"Janus made no offer: {event}")
        offer = event["jsep"]["sdp"]
        jsep = {"type": "answer", "sdp": _answer(offer, local)}
        await self._ask(handle, janus="message", body={"request": "start"}, jsep=jsep)
        return Remote.read(offer)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self._socket.close()
        await self._client.close()

    async def _open(self) -> None:
        self._client = aiohttp.ClientSession()
        self._socket = await self._client.ws_connect(self._url, protocols=["janus-protocol"])
        self._tasks.append(asyncio.create_task(self._read()))
        self._session = (await self._ask(janus="create"))["data"]["id"]
        self._tasks.append(asyncio.create_task(self._stay()))

    async def _ask(self, handle: int = 0, **message: Any) -> dict[str, Any]:
        """The reply to a request; for messages to the plugin its event, which follows the acknowledgement."""
        transaction = f"{next(self._numbers)}-{secrets.token_hex(4)}"
        replies = self._replies[transaction] = asyncio.Queue()
        message |= {"transaction": transaction}
        message |= {"session_id": self._session} if self._session else {}
        message |= {"handle_id": handle} if handle else {}
        await self._socket.send_json(message)
        try:
            async with asyncio.timeout(15):
                reply = await replies.get()
                while reply["janus"] == "ack" and message["janus"] == "message":
                    reply = await replies.get()
        finally:
            del self._replies[transaction]
        if reply["janus"] == "error" or "error" in reply.get("plugindata", {}).get("data", {}):
            raise ConnectionError(f"Janus refused: {reply}")
        return reply

    async def _read(self) -> None:
        async for message in self._socket:
            reply = message.json()
            waiting = self._replies.get(reply.get("transaction", ""))
            if waiting is not None:
                waiting.put_nowait(reply)

    async def _stay(self) -> None:
        while True:
            await asyncio.sleep(_KEEPALIVE_EVERY)
            await self._ask(janus="keepalive")


def _answer(offer: str, local: Local) -> str:
    """An answer that takes everything, section by section."""
    sections = []
    for text in offer.split("\r\nm=")[1:]:
        mid = next(line[6:] for line in text.split("\r\n") if line.startswith("a=mid:"))
        sections.append((text.split(" ", 1)[0], mid))
    return head([mid for _, mid in sections]) + "".join(
        section(kind, mid, "recvonly", local, "active") for kind, mid in sections
    )
