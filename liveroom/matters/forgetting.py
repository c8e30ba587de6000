"""What is left of a matter, and of its steps, when an asker's words are erased from it. Knows no storage and no clock.

What a deputy has made public stays as it is: it is theirs (docs/decisions/0014-what-is-erased.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from msgspec import structs

from liveroom.matters.matter import Matter, MatterStep, SourceQuestion
from liveroom.matters.sight import everybody_reads

SHORTEST = 6
"""Characters from which on words are looked for within a longer text: shorter ones stand in many."""

SAID_BY_ASKERS = frozenset({"check", "rate"})
"""Steps of those who asked or seconded; staff may take the second one, too."""


def person(matter: str, device: str) -> str:
    """A name for whoever speaks, of this matter alone: the same for browser and code, and of no use elsewhere."""
    return hashlib.sha256(f"{matter}:{device}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A question, the wordings of it that go, and what stands in their place.

    `names` are those whose own words about the result go, too, with the name under which what they said stays counted.
    """

    question: str = ""
    gone: Collection[str] = ()
    text: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def of_sources(self, sources: Sequence[SourceQuestion]) -> tuple[SourceQuestion, ...]:
        return tuple(replace(s, wordings=(self.text,)) if s.question == self.question else s for s in sources)

    def of_words(self, words: str) -> str:
        """A text without them."""
        for gone in sorted(self.gone, key=len, reverse=True):
            if gone and gone != self.text and (words == gone or len(gone) >= SHORTEST):
                words = words.replace(gone, self.text)
        return words

    def of_step(self, event: MatterStep, by: str, public: Collection[str]) -> tuple[MatterStep, str]:
        """A step and whose it is, without them; values that are `public` stay."""
        values = {name: v if v in public else self.of_words(v) for name, v in event.values.items()}
        if event.what in SAID_BY_ASKERS and by in self.names:
            values = {name: self.names.get(v, v) if name == "who" else v for name, v in values.items()}
            values.pop("comment", None)
        return structs.replace(event, values=values, sources=self.of_sources(event.sources)), self.names.get(by, by)

    def of_matter(self, matter: Matter) -> Matter:
        """The matter as the steps without them lead to it, but for its words: `forget` says those."""
        checks = tuple(replace(check, who=self.names.get(check.who, check.who)) for check in matter.checks)
        return replace(matter, checks=checks)


def forget(matter: Matter, forgetting: Forgetting, day: str, vouching: str) -> MatterStep:
    """The fact that they went, which also says what the matter is without them."""
    values = {"erased": vouching}
    if not everybody_reads(matter):
        values |= {"title": forgetting.of_words(matter.title), "body": forgetting.of_words(matter.body)}
    return MatterStep(
        what="erase",
        to=matter.state,
        values=values,
        sources=forgetting.of_sources(matter.sources),
        day=day,
        end=matter.end,
        turn=matter.turn,
        internal=True,
    )
