"""How often somebody may ask and vote. Knows counters, not questions."""

from __future__ import annotations

from aiohttp import web

from liveroom.errors import Refused
from liveroom.server import keys
from liveroom.server.identity import as_visitor, device, is_fresh, network


async def take_turn(request: web.Request, session: str) -> None:
    """Count one question of this device and its network; less may be asked while the shield is up.

    Raises `Refused("slow_down")` with the seconds to wait.
    """
    limits = request.app[keys.LIMITS]
    await limits.share("ask", device(request))
    await limits.share("ask_network", network(request))
    sitting = await request.app[keys.VERBS].attending.sitting(session)
    if sitting.session.shielded(request.app[keys.CLOCK]()):
        await limits.share("ask_shield", device(request))
        await limits.share("ask_shield_network", network(request))


async def vote(request: web.Request, session: str, question: str) -> None:
    """Count one try of this device and its network, and keep its vote.

    A vote of a new device that makes a difference counts among those of its network's new devices besides. Raises
    `Refused("slow_down")` with the seconds to wait; desks are told when new devices meet their bound.
    """
    limits, newcomers = request.app[keys.LIMITS], request.app[keys.NEWCOMERS]
    limits.take("second", device(request))
    limits.take("second_network", network(request))
    asking, voter, here = request.app[keys.VERBS].asking, as_visitor(request), network(request)
    if not is_fresh(request):
        await asking.second(session, question, voter)
        return
    try:
        await newcomers.take(here)
    except Refused:
        if await asking.has_seconded(session, question, voter):
            return
        if newcomers.flag(question):
            await asking.flag_votes(session, question)
        raise
    # Taken first and given back: looking before each vote what was voted for would be a question to the records each.
    is_new = False
    try:
        is_new = await asking.second(session, question, voter)
    finally:
        if not is_new:
            await newcomers.give_back(here)
