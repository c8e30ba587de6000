"""The rule sets that there are: those that are shipped, the office's own, and every one that was ever used.

Knows files and one table, not what a rule means.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path

import sqlalchemy as sa
import structlog

from liveroom.errors import Refused, SettingsError
from liveroom.matters import reading
from liveroom.matters.checking import check
from liveroom.matters.reading import Problem
from liveroom.matters.rules import RuleSet
from liveroom.storage.database import Database
from liveroom.storage.matter_tables import rule_sets

log = structlog.get_logger()

FOLDER = "rules"
"""Where an office puts its own, in the data folder."""

FILE_LIMIT = 500_000


@dataclass(frozen=True, slots=True)
class Found:
    """A file with a rule set, or with what is wrong in it."""

    file: str
    text: str
    rules: RuleSet | None
    problems: list[Problem] = field(default_factory=list)


def shipped() -> list[Found]:
    """The rule sets of the program."""
    folder = resources.files("liveroom.matters") / "rulesets"
    texts = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".toml")}
    return [Found(name, text, *check(text)) for name, text in sorted(texts.items())]


def own(data: Path) -> list[Found]:
    """The office's own, in the folder `rules` of the data folder."""
    return [read(file) for file in sorted((data / FOLDER).glob("*.toml"))]


def read(file: Path) -> Found:
    """One file; what cannot be read at all is a problem like others."""
    try:
        if file.stat().st_size > FILE_LIMIT:
            return Found(file.name, "", None, [Problem("file", f"is larger than {FILE_LIMIT} bytes")])
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Found(file.name, "", None, [Problem("file", f"cannot be read: {error}")])
    return Found(file.name, text, *check(text))


class SqlRuleBook:
    """The rule sets of one installation; satisfies `liveroom.ports.rules.RuleBook`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, RuleSet] = {}
        self._current = ""

    @classmethod
    async def open(cls, database: Database, data: Path, chosen: str, now: datetime) -> SqlRuleBook:
        """Every rule set, and the one of the setting for what begins: `standard@1`, or `standard` for its newest.

        A version that was used is the one that is kept, whatever its file says now. Raises `SettingsError` when the
        chosen one is missing or wrong.
        """
        book = cls(database)
        found = await asyncio.to_thread(lambda: [*shipped(), *own(data)])
        texts: dict[str, str] = {}
        for one in found:
            if one.rules is None:
                log.warning("rules_not_read", file=one.file, problem=str(one.problems[0]), problems=len(one.problems))
            else:
                book._known[one.rules.reference], texts[one.rules.reference] = one.rules, one.text
        for reference, text in (await book._kept()).items():
            # Whatever is checked today: it was good when it came into force, and matters go on by it.
            rules, problems = reading.read(text)
            if rules is None:
                log.warning("rules_not_read", file=reference, problem=str(problems[0]), problems=len(problems))
                continue
            if texts.get(reference, text) != text:
                log.warning("rules_changed_without_a_version", rules=reference)
            book._known[reference], texts[reference] = rules, text
        book._current = newest(list(book._known.values()), chosen)
        await book._keep(book._current, texts[book._current], now)
        return book

    async def get(self, reference: str) -> RuleSet:
        known = self._known.get(reference or self._current)
        if known is None:
            async with self._database.read() as connection:
                r = rule_sets.c
                text = await connection.scalar(sa.select(r.text).where(r.reference == reference))
            known, _ = reading.read(text or "")
            if known is None:
                raise Refused("unknown_rules", rules=reference)
            self._known[reference] = known
        return known

    async def current(self) -> RuleSet:
        return self._known[self._current]

    async def all(self) -> Sequence[RuleSet]:
        return sorted(self._known.values(), key=lambda rules: (rules.id, rules.version))

    async def _kept(self) -> dict[str, str]:
        """The texts of those that were ever used."""
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(rule_sets.c.reference, rule_sets.c.text))
            return {row[0]: row[1] for row in rows}

    async def _keep(self, chosen: str, text: str, now: datetime) -> None:
        digest = hashlib.sha256(text.encode()).hexdigest()
        row = {"reference": chosen, "digest": digest, "text": text, "at": now}
        async with self._database.write() as connection:
            await connection.execute(self._database.insert(rule_sets).values(row).on_conflict_do_nothing())


def newest(known: Sequence[RuleSet], chosen: str) -> str:
    """The reference that a setting means. Raises `SettingsError`."""
    fitting = [rules for rules in known if chosen in (rules.id, rules.reference)]
    if not fitting:
        there = ", ".join(sorted(rules.reference for rules in known))
        raise SettingsError(f"LIVEROOM_RULES is {chosen!r}, and there is no such rule set: there are {there}")
    return max(fitting, key=lambda rules: rules.version).reference
