"""The door to the street: a TCP port, with TLS where there is a certificate. Knows no page behind it."""

from __future__ import annotations

import ssl

from aiohttp import web

from liveroom.server import keys
from liveroom.settings import Settings

KEEP_ALIVE_SECONDS = 75
"""How long a browser may keep a connection for its next request."""

SHUTDOWN_SECONDS = 5.0


async def listen(app: web.Application, settings: Settings, *, shared: bool = False) -> tuple[web.AppRunner, int]:
    """Start to accept; the runner and the real TCP port. Raises OSError when the port is taken.

    A `shared` port is one on which other processes of ours listen, too.
    """
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, keepalive_timeout=KEEP_ALIVE_SECONDS
    )
    await runner.setup()
    site = web.TCPSite(
        runner,
        settings.host,
        settings.port,
        ssl_context=_tls_context(settings),
        backlog=4096,
        reuse_address=True,
        reuse_port=shared,
    )
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    app[keys.LISTENING].set()
    return runner, int(runner.addresses[0][1])


def _tls_context(settings: Settings) -> ssl.SSLContext | None:
    """The certificate of the settings, or None for plain HTTP."""
    if not settings.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    return context
