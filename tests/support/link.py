"""A link between a browser and the server that can be cut, fall silent, or lose only what comes back."""

from __future__ import annotations

import asyncio
import contextlib


class Link:
    """A TCP relay on a port of its own. `mode`: "open", "silent" (swallows all), "deaf" (swallows answers), "cut"."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.mode = "open"
        self.port = 0
        self.swallowed = asyncio.Event()
        self._ends: set[asyncio.StreamWriter] = set()

    async def open(self) -> Link:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def change(self, mode: str) -> None:
        self.mode = mode
        self.swallowed.clear()
        if mode == "cut":
            self.hang_up()

    def hang_up(self) -> None:
        """Break every connection there is."""
        for end in self._ends:
            end.transport.abort()

    async def close(self) -> None:
        self._server.close()
        self.hang_up()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            if self.mode == "silent":
                await reader.read()
            elif self.mode != "cut":
                inner, outer = await asyncio.open_connection("127.0.0.1", self.target)
                self._ends.add(outer)
                await asyncio.gather(self._pump(reader, outer, "up"), self._pump(inner, writer, "down"))
        except OSError:
            pass
        finally:
            with contextlib.suppress(OSError):
                writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if self.mode == "silent" or (self.mode == "deaf" and way == "down"):
                    self.swallowed.set()
                    continue
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
