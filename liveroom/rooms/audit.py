"""Whether a log is still as it was written, and what is wrong with it in words. Knows hashes, not what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from liveroom.rooms.chain import START, Link, seal
from liveroom.rooms.erased import follows, vouched

_NEAR = 8
"""How far lines may have been shifted to be recognised by the line before them."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a log at some moment: how many lines there were, and the hash that stands for all of them."""

    chain: str
    seq: int
    hash: str


def head(chain: str, links: Sequence[Link]) -> Head:
    return Head(chain, links[-1].seq, links[-1].hash) if links else Head(chain, 0, START)


def check(chain: str, links: Sequence[Link], length: int) -> list[str]:
    """What is wrong with a log that should have `length` lines, one sentence each; nothing when it is whole.

    `links` are in the order of their numbers. Of a line whose content was erased, what is left is compared with what a
    later line says of it. A log that was sealed anew as a whole, or whose end was cut off together
    with its length, is whole by itself: only `against` tells it.
    """
    if _whole(chain, links, length):
        return []
    origins = _Origins(chain, links)
    found = origins.known
    wrong: list[str] = []
    there = set(found.values())
    strangers = {links[i].seq for i in range(len(links)) if i not in found}
    latest = 0
    for i, link in enumerate(links):
        origin = found.get(i)
        if origin is None:
            wrong.append(f"line {link.seq} {_of_stranger(links, i, link.seq in there or link.seq > length)}")
            continue
        if not origins.holds(i):
            wrong.append(f"line {link.seq} was changed")
        elif origin < latest:
            wrong.append(f"line {link.seq} was reordered: it was written as line {origin}")
        elif origin > length:
            wrong.append(f"line {link.seq} was added after the end")
        latest = max(latest, origin)
    gone = [n for n in range(1, length + 1) if n not in there and n not in strangers]
    wrong += [f"line {a} is missing" if a == b else f"lines {a} to {b} are missing" for a, b in _runs(gone)]
    return wrong or ["its lines have other numbers than they were written with"]


def against(then: Head, links: Sequence[Link] | None) -> list[str]:
    """What a head that was written down earlier says about the log of today (None: there is no such log)."""
    if links is None:
        return ["the whole log is missing"]
    if then.seq == 0:
        return []
    now = next((link for link in links if link.seq == then.seq), None)
    if now is None:
        return [f"line {then.seq}, which was there then, is missing: the log was cut short"]
    return [] if now.hash == then.hash else [f"line {then.seq} is not the one of then: the log was written anew"]


def _of_stranger(links: Sequence[Link], i: int, superfluous: bool) -> str:
    """What to say of a line that follows none and is followed by none."""
    if superfluous:
        return "was added"
    alone = links[i].seq > 1 and (i == 0 or links[i - 1].seq != links[i].seq - 1)
    return "cannot be checked: the line before it is missing" if alone else "was changed"


def _whole(chain: str, links: Sequence[Link], length: int) -> bool:
    before, erased = START, vouched(links)
    for number, link in enumerate(links, 1):
        if link.seq != number or not follows(chain, before, link, erased.get(number)):
            return False
        before = link.hash
    return len(links) == length


class _Origins:
    """As which line of the untouched log each line was written, found by whom it follows and who follows it."""

    def __init__(self, chain: str, links: Sequence[Link]) -> None:
        self._chain = chain
        self._links = links
        self._erased = vouched(links)
        self.known: dict[int, int] = {}
        for i in range(len(links)):
            self._by_neighbour(i)
        while self._by_follower() or self._by_search():
            pass
        self._keep_one_of_each()
        self._hashes = {0: START, **{origin: links[i].hash for i, origin in self.known.items()}}

    def holds(self, i: int) -> bool:
        """Whether the line's own hash is right, as far as the line before it is still there to tell."""
        origin = self.known[i]
        before = self._hashes.get(origin - 1)
        return before is None or self._follows(i, before, origin)

    def _follows(self, i: int, before: str, origin: int) -> bool:
        link = self._links[i]
        return follows(self._chain, before, replace(link, seq=origin), self._erased.get(origin))

    def _by_neighbour(self, i: int) -> None:
        """The line follows the one that stands before it, under its own number or one nearby.

        If only the hash of that one was changed, the line follows what its hash ought to be.
        """
        if not self._by_hash(i, self._links[i - 1].hash if i else START) and i:
            self._by_hash(i, seal(self._chain, self._links[i - 2].hash if i > 1 else START, self._links[i - 1]))

    def _by_hash(self, i: int, before: str) -> bool:
        seq = self._links[i].seq
        shift = self.known[i - 1] + 1 - seq if i - 1 in self.known else 0
        for origin in dict.fromkeys([seq + shift, *(seq + d for d in range(-_NEAR, _NEAR + 1))]):
            if origin > 0 and (origin == 1) == (before == START) and self._follows(i, before, origin):
                self.known[i] = origin
                return True
        return False

    def _by_follower(self) -> bool:
        """The next line follows this one: its hash is that of the line before, whatever became of its content."""
        found = False
        for i in range(len(self._links) - 2, -1, -1):
            after = self.known.get(i + 1)
            if i not in self.known and after is not None and self._follows(i + 1, self._links[i].hash, after):
                self.known[i] = after - 1
                found = True
        return found

    def _by_search(self) -> bool:
        """A line that follows one which stands elsewhere."""
        taken = set(self.known.values())
        ends = [(START, 0), *((self._links[i].hash, n) for i, n in self.known.items())]
        free = [(before, n + 1) for before, n in ends if n + 1 not in taken]
        for i in range(len(self._links)):
            if i not in self.known:
                for before, origin in free:
                    if self._follows(i, before, origin):
                        self.known[i] = origin
                        return True
        return False

    def _keep_one_of_each(self) -> None:
        """Of two that claim to be the same line, the one that the next line follows; the other is a stranger."""
        claims: dict[int, list[int]] = {}
        for i, origin in self.known.items():
            claims.setdefault(origin, []).append(i)
        for origin, claimants in claims.items():
            if len(claimants) > 1:
                successors = claims.get(origin + 1, [])
                genuine = [
                    i for i in claimants for n in successors if self._follows(n, self._links[i].hash, origin + 1)
                ]
                for i in claimants:
                    if i != (genuine or claimants)[0]:
                        del self.known[i]


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers in order, as first and last of each unbroken run."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
