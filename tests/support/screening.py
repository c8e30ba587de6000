"""Screening without any list, for tests that are about something else."""

from __future__ import annotations

from collections.abc import Mapping

from liveroom.actions.screen import Screening
from liveroom.screening.folds import Folds
from liveroom.screening.words import WordList


class NoLists:
    async def numbers(self) -> Mapping[str, int]:
        return {}

    async def names(self) -> Mapping[str, str]:
        return {}

    async def newest(self) -> list[WordList]:
        return []

    async def versions(self, word_list: str) -> list[WordList]:
        return []

    async def keep(self, word_list: WordList) -> None:
        raise NotImplementedError


def no_lists() -> Screening:
    async def no_folds() -> Folds:
        return Folds({}, {})

    return Screening(NoLists(), no_folds)
