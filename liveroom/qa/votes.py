"""Who seconds what: one voter, one vote, also across merged questions. Knows no storage and no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

import msgspec

from liveroom.qa.question import Queue


def tally(queue: Queue, voters: Mapping[str, Collection[str]]) -> dict[str, int]:
    """What each question counts; `voters` are devices by the question at which they voted.

    A question counts everybody who seconded it or anything merged into it, once; those who asked one of them, and did
    not take it back, are its askers, not its voters. Merged questions count nothing themselves; questions without a
    vote are missing.
    """
    groups: dict[str, set[str]] = {}
    for question, devices in voters.items():
        asked = queue.get(question)
        if asked is not None:
            groups.setdefault(queue.root(asked).id, set()).update(devices)
    counts = {question: len(devices - queue.askers(queue.questions[question])) for question, devices in groups.items()}
    return {question: count for question, count in counts.items() if count}


def digest(voters: Mapping[str, Collection[str]]) -> str:
    """SHA-256 of all votes: the lines `question voter`, sorted, each ended by a line feed; in hex."""
    lines = sorted(f"{question} {voter}\n" for question, devices in voters.items() for voter in devices)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def statement(session: str, counts: Mapping[str, int], digest: str) -> bytes:
    """What is signed at the end of a session: JSON with sorted keys and no spaces."""
    return msgspec.json.encode({"session": session, "counts": counts, "digest": digest}, order="sorted")
