"""Filters under names are everybody's own."""

from __future__ import annotations

import pytest

from liveroom.errors import Refused
from liveroom.ports.filters import SavedFilter
from liveroom.storage.database import Database
from liveroom.storage.saved_filters import MOST, SqlSavedFilters


async def test_a_filter_is_kept_replaced_and_dropped_for_its_person_alone(database: Database) -> None:
    filters = SqlSavedFilters(database)
    await filters.keep("a", SavedFilter("港航逾期", "view=overdue&unit=harbour"))
    await filters.keep("a", SavedFilter("港航逾期", "view=overdue"))
    await filters.keep("b", SavedFilter("港航逾期", "view=open"))
    assert await filters.of("a") == [SavedFilter("港航逾期", "view=overdue")]
    await filters.drop("a", "港航逾期")
    assert await filters.of("a") == []
    assert await filters.of("b") == [SavedFilter("港航逾期", "view=open")]


async def test_a_person_has_a_bounded_number_of_them(database: Database) -> None:
    filters = SqlSavedFilters(database)
    for number in range(MOST):
        await filters.keep("a", SavedFilter(f"条件{number}", ""))
    with pytest.raises(Refused, match="too_many"):
        await filters.keep("a", SavedFilter("再一个", ""))
    await filters.keep("a", SavedFilter("条件0", "view=open"))
    assert len(await filters.of("a")) == MOST
