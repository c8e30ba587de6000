"""How often somebody may ask. Knows counters, not questions."""

from __future__ import annotations

from aiohttp import web

from liveroom.server import keys
from liveroom.server.identity import device, network


async def take_turn(request: web.Request, session: str) -> None:
    """Count one question of this device and its network; less may be asked while the shield is up.

    Raises `Refused("slow_down")` with the seconds to wait.
    """
    limits = request.app[keys.LIMITS]
    limits.take("ask", device(request))
    limits.take("ask_network", network(request))
    sitting = await request.app[keys.VERBS].attending.sitting(session)
    if sitting.session.shielded(request.app[keys.CLOCK]()):
        limits.take("ask_shield", device(request))
        limits.take("ask_shield_network", network(request))
