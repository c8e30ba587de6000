"""Every way the product says no. Knows no transport: pages, sockets and JSON each translate a code into words."""

from __future__ import annotations

import math


class LiveroomError(Exception):
    """The root of all errors that liveroom raises on purpose."""


class Refused(LiveroomError):
    """A wish that the rules do not allow, or cannot grant now.

    `code` is stable and listed in docs/protocol.md; `detail` carries values for the words (for example
    `{"limit": 300}`); `retry_after` is in seconds where trying again makes sense.
    """

    def __init__(self, code: str, *, retry_after: float | None = None, **detail: object) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.detail = detail


class Stale(LiveroomError):
    """What was loaded has changed before it was saved: load again and decide again."""


class Unavailable(LiveroomError):
    """A neighbour (disk, database, bus) did not do its part; nothing was acknowledged, trying again is safe."""


def slow_down(seconds: float) -> Refused:
    """For what is done too often: when to try again, in whole seconds."""
    return Refused("slow_down", retry_after=max(1, math.ceil(seconds)))


def refusal(error: Refused | Unavailable) -> Refused:
    """What is told to whoever wished something that could not be done, for whichever reason."""
    return error if isinstance(error, Refused) else Refused("unavailable")


class SettingsError(LiveroomError):
    """A setting is missing or wrong; the message is one sentence for the operator."""
