"""How the process writes its log: short lines with nothing about anybody in them. Knows no event by name."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import time
import traceback
from collections import OrderedDict
from collections.abc import MutableMapping
from typing import Any

import structlog

EQUAL_LINES_EVERY = 60.0
"""Seconds in which a warning or error that was written already is only counted: nobody fills a disk by repeating it."""

KINDS_REMEMBERED = 256

_SECRET = frozenset({"sdp", "offer", "password", "token", "cookie"})
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-#0 +]*[\d.*]*[a-zA-Z]")

_Event = MutableMapping[str, Any]


def set_up(form: str, worker: int | None = None) -> None:
    """`form` is text or json. Everything goes to standard error; with a `worker`, every line carries its number."""

    def tell_worker(_logger: object, _name: str, event: _Event) -> _Event:
        return event if worker is None else {**event, "worker": event.get("worker", worker)}

    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if form == "text":
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _drop_secrets,
            _tell_where,
            _Seldom(),
            tell_worker,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(_Forgiving()),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_FromLibraries()], force=True)


class _Forgiving:
    """Standard error that may be full: whoever waits for an answer gets it, also where nobody will read of it."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


class _FromLibraries(logging.Handler):
    """Lines of libraries, without the values they were given: those are network addresses as often as not."""

    def emit(self, record: logging.LogRecord) -> None:
        said = _PLACEHOLDER.sub("…", str(record.msg)).partition("\n")[0][:200]
        error = record.exc_info[1] if record.exc_info else None
        more = {"error": _kind(error)} if error is not None else {}
        structlog.get_logger().log(record.levelno, said, logger=record.name, **more)


def _drop_secrets(_logger: object, _name: str, event: _Event) -> _Event:
    return {key: value for key, value in event.items() if key not in _SECRET}


def _tell_where(_logger: object, _name: str, event: _Event) -> _Event:
    """An error's kind and the places it came through. Not its words: they may quote what somebody has typed."""
    error = event.pop("exc_info", None)
    if error:
        event["exception"] = _places(error if isinstance(error, BaseException) else sys.exc_info()[1])
    return event


def _places(error: BaseException | None) -> str:
    told: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        told.append(_kind(error) + "\n" + "".join(traceback.format_tb(error.__traceback__)))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "because of ".join(told).rstrip()


def _kind(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


class _Seldom:
    """Drops warnings and errors that were written a moment ago; the next one says how many there were."""

    def __init__(self) -> None:
        self._written: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __call__(self, _logger: object, _name: str, event: _Event) -> _Event:
        if event["level"] == "info":
            return event
        key, now = repr(sorted(event.items())), time.monotonic()
        written, dropped = self._written.pop(key, (-EQUAL_LINES_EVERY, 0))
        if now - written < EQUAL_LINES_EVERY:
            self._written[key] = (written, dropped + 1)
            raise structlog.DropEvent
        self._written[key] = (now, 0)
        if len(self._written) > KINDS_REMEMBERED:
            self._written.popitem(last=False)
        return {**event, "held_back": dropped} if dropped else event
