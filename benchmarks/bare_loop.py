"""The least that aiohttp needs to tell many the same: accept, remember, send to one after another. Nothing of ours.

python -m benchmarks.bare_loop BYTES MESSAGES_PER_SECOND
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time

from aiohttp import web


async def main(size: int, per_second: float) -> None:
    sockets: set[web.WebSocketResponse] = set()

    async def join(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        sockets.add(socket)
        async for message in socket:
            wish = json.loads(message.data)
            if wish["type"] == "ping":
                await socket.send_json({"type": "pong", "id": wish["id"], "at": time.time_ns() // 1_000_000})
        sockets.discard(socket)
        return socket

    app = web.Application()
    app.router.add_get("/rooms/{slug}/socket", join)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    print(runner.addresses[0][1], flush=True)
    due = time.monotonic()
    while True:
        due += 1 / per_second
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        text = json.dumps({"type": "counts", "at": time.time_ns() // 1_000_000, "more": ""})
        text = text.replace('"more": ""', '"more": "' + "x" * max(0, size - len(text)) + '"').replace(": ", ":")
        for socket in tuple(sockets):
            if not socket.closed:
                await socket.send_str(text)


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
