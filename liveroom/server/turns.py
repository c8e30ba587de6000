"""How often somebody may ask and vote. Knows counters, not questions."""

from __future__ import annotations

from aiohttp import web

from liveroom.errors import Refused
from liveroom.server import keys
from liveroom.server.identity import device, is_fresh, network


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


async def take_vote(request: web.Request, session: str, question: str) -> None:
    """Count one vote of this device and its network, and one of the network's new devices when this is one.

    Raises `Refused("slow_down")` with the seconds to wait. Desks are told when new devices meet their bound.
    """
    limits, newcomers = request.app[keys.LIMITS], request.app[keys.NEWCOMERS]
    limits.take("second", device(request))
    limits.take("second_network", network(request))
    if not is_fresh(request):
        return
    try:
        newcomers.take(network(request))
    except Refused:
        if newcomers.flag(question):
            await request.app[keys.VERBS].asking.flag_votes(session, question)
        raise
