from datetime import date

from liveroom.matters.calendar import DAY_BY_DAY, add_months, add_working_days, working_days_until
from liveroom.storage.workdays import ChineseWorkingDays

DAYS = ChineseWorkingDays()


def test_national_day_and_its_make_up_days_are_known() -> None:
    assert not DAYS.is_working_day(date(2025, 10, 1))
    assert DAYS.is_working_day(date(2025, 10, 11))  # a Saturday that is worked
    assert working_days_until(date(2025, 9, 30), date(2025, 10, 9), DAYS) == 1


def test_counting_back_and_forth_agree() -> None:
    start = date(2025, 9, 24)
    due = add_working_days(start, 12, DAYS)
    assert working_days_until(start, due, DAYS) == 12
    assert working_days_until(due, start, DAYS) == -12


def test_months_end_on_the_last_day_where_the_day_is_missing() -> None:
    assert add_months(date(2025, 11, 30), 3) == date(2026, 2, 28)
    assert add_months(date(2025, 1, 15), 12) == date(2026, 1, 15)


def test_a_year_that_is_not_published_yet_is_said_and_counts_weekdays() -> None:
    assert not DAYS.covers(date(2090, 1, 2))
    assert DAYS.is_working_day(date(2090, 1, 2))


class Counted(ChineseWorkingDays):
    asked = 0

    def is_working_day(self, day: date) -> bool:
        self.asked += 1
        return super().is_working_day(day)


def test_counting_to_a_mistyped_year_is_bounded_and_near_the_truth() -> None:
    for due in (date(226, 12, 1), date(9999, 12, 31)):
        days, today = Counted(), date(2026, 3, 1)
        count = working_days_until(today, due, days)
        assert days.asked == DAY_BY_DAY
        assert abs(count - (due - today).days * 5 / 7) < 0.05 * abs(count)
