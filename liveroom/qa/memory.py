"""What was asked and suggested, so that it is found again while somebody types. Knows no storage and nobody who types.

A memory holds what one audience may see; whoever fills it says which. It is told of whole queues and takes up only what
changed since it last saw them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from liveroom.qa.question import Question, QuestionState, Queue
from liveroom.qa.similar import Match

Kind = Literal["question", "answered", "suggestion"]
SHOWN = 3
_ASIDE = 8
"""More is looked for than is shown, since several finds may be one suggestion."""


class Likeness(Protocol):
    """Finds the likest of the texts that it was given; `qa.similar.Index` is one."""

    def put(self, key: str, text: str) -> None: ...

    def drop(self, key: str) -> None: ...

    def search(self, text: str, count: int = SHOWN) -> list[Match]: ...


class Remembered(msgspec.Struct, frozen=True):
    """A question or a suggestion as the one who types is shown it; `mark_start` in milliseconds into the broadcast.

    A question has a `label` and a `session`, a suggestion a `number`; what does not apply is empty.
    """

    kind: Kind
    id: str
    text: str
    state: str
    link: str
    label: str = ""
    number: str = ""
    session: str = ""
    votes: int = 0
    mark_start: int | None = None
    asked_at: datetime | None = None


class Memory:
    """Questions of many sessions, and open suggestions."""

    def __init__(self, index: Likeness) -> None:
        self.index = index
        self._kept: dict[str, Remembered] = {}
        self._queues: dict[str, dict[str, Question]] = {}
        self._votes: dict[str, Mapping[str, int]] = {}
        self._suggestions: dict[str, Remembered] = {}
        self._suggested: dict[str, str] = {}
        # The words that are in the index, and of merged questions which one speaks for them.
        self._texts: dict[str, str] = {}
        self._spoken_for: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._kept) + len(self._suggestions)

    def learn(self, room: str, queue: Queue, seen: Callable[[Question], bool], most: int | None = None) -> bool:
        """Take up what changed in a session's queue; `seen` says what this memory's audience sees of it.

        Of a merged question the words alone are kept, to find the one that speaks for it; they are shown to nobody.
        With `most`, no more questions than that; whether it was all.
        """
        before = self._queues.setdefault(queue.session, {})
        changed = [key for key, question in queue.questions.items() if before.get(key) is not question]
        for key in changed[:most]:
            before[key] = question = queue.questions[key]
            if question.state is QuestionState.MERGED:
                self._hide(key)
                self._read(key, question.text)
            elif seen(question):
                self._keep(_question(room, queue.session, question), question.matter)
            else:
                self._forget(key)
        if changed:  # one merge moves all that were merged before
            merged = (q for q in queue.questions.values() if q.state is QuestionState.MERGED)
            self._spoken_for.update({question.id: queue.root(question).id for question in merged})
        return most is None or len(changed) <= most

    def learn_votes(self, session: str, votes: Mapping[str, int]) -> None:
        """The votes of a session as they are now."""
        self._votes[session] = votes

    def learn_suggestions(self, suggestions: Iterable[Remembered]) -> None:
        """The suggestions that are open now, in place of those that were."""
        now = {suggestion.id: suggestion for suggestion in suggestions}
        for gone in self._suggestions.keys() - now.keys():
            self.index.drop(gone)
        for key, suggestion in now.items():
            before = self._suggestions.get(key)
            if before is None or before.text != suggestion.text:
                self.index.put(key, suggestion.text)
        self._suggestions = now

    def like(self, text: str, count: int = SHOWN, *, but: str = "") -> list[Remembered]:
        """What reads most like the text, likeliest first; without the question `but`.

        A question that became a suggestion which is open is shown as that.
        """
        found: dict[str, Remembered] = {}
        looked = count + _ASIDE
        while True:
            matches = self.index.search(text, looked)
            for one in (self._find(match.key) for match in matches):
                if one is not None and one.id != but and len(found) < count:
                    found.setdefault(one.id, one)
            if len(found) == count or len(matches) < looked:
                return list(found.values())
            looked *= 4  # many wordings of one question came first

    def _find(self, key: str) -> Remembered | None:
        """What is shown for words; nothing where this audience does not see what speaks for them."""
        if key not in self._kept:
            key = self._spoken_for.get(key, key)
        suggestion = self._suggestions.get(key) or self._suggestions.get(self._suggested.get(key, ""))
        if suggestion is not None:
            return suggestion
        one = self._kept.get(key)
        if one is None:
            return None
        votes = self._votes.get(one.session, {}).get(key, 0)
        return msgspec.structs.replace(one, votes=votes) if votes else one

    def _keep(self, one: Remembered, matter: str) -> None:
        self._kept[one.id] = one
        self._suggested[one.id] = matter
        self._read(one.id, one.text)

    def _hide(self, key: str) -> None:
        self._kept.pop(key, None)
        self._suggested.pop(key, None)

    def _forget(self, key: str) -> None:
        self._hide(key)
        if self._texts.pop(key, None) is not None:
            self.index.drop(key)

    def _read(self, key: str, text: str) -> None:
        if self._texts.get(key) != text:
            self._texts[key] = text
            self.index.put(key, text)


def _question(room: str, session: str, question: Question) -> Remembered:
    return Remembered(
        kind="answered" if question.state is QuestionState.ANSWERED else "question",
        id=question.id,
        text=question.text,
        state=question.state.value,
        link=f"/rooms/{room}/sessions/{session}#{question.label}",
        label=question.label,
        session=session,
        mark_start=question.mark_start,
        asked_at=question.asked_at,
    )
