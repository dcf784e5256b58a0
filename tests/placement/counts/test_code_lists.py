"""The dated lists of codes of count records."""

from datetime import date

import pytest

from placement.core.count_codes import CountList
from placement.counts.code_lists import code_lists, faults_of, read_lists
from placement.text.catalogue import translate
from tests.support.counts import FACTS, facts

TODAY = date(2026, 11, 24)
MARRIED = {"exploitation": "forced_marriage", "sector": "none"}


def test_every_list_has_a_source_and_every_code_its_words():
    lists = code_lists()
    assert set(lists) == set(CountList)
    for name, of_list in lists.items():
        assert of_list.source
        if name is CountList.COUNTRY:  # their names are CLDR's
            assert len([code for code in of_list.codes.values() if code.last is None]) == 250
            continue
        for code in of_list.codes:
            assert all(translate(f"count.{name}", code, language) for language in ("en", "nl"))


def test_record_of_the_lists_has_no_fault():
    assert faults_of(FACTS, TODAY) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"month": date(2026, 12, 1)}, ("month", "count_month_in_future")),
        ({"month": date(1999, 12, 1)}, ("month", "count_month_too_early")),
        ({"reporter": "XX"}, ("reporter", "count_code_unknown")),
        ({"region": "amsterdam"}, ("region", "count_code_unknown")),
        ({"file": "other"}, ("file", "count_code_unknown")),
        ({"means": ("DebtBondage", "Magic")}, ("means", "count_code_unknown")),
        ({"origin": "XX"}, ("origin", "count_code_unknown")),
        ({"origin": "AN"}, ("origin", "count_code_abolished")),
        (MARRIED | {"month": date(2024, 6, 1)}, ("exploitation", "count_code_not_yet")),
        ({"sector": "none"}, ("sector", "count_sector_missing")),
        ({"exploitation": "begging"}, ("sector", "count_sector_without_form")),
        ({"alone": True}, ("alone", "count_alone_adult")),
    ],
)  # fmt: skip
def test_wrong_fact_is_named_with_its_reason(changed, fault):
    found = faults_of(facts(**changed), TODAY)
    assert [(one.field, one.code) for one in found] == [fault]


def test_abolished_sector_holds_until_its_month_only():
    written = "\n".join(
        f'[{name}]\nsource = "a law"\n{"mining = { until = 2026-06-15 }" if name is CountList.SECTOR else ""}'
        for name in CountList
    )
    lists = {**code_lists(), CountList.SECTOR: read_lists(written)[CountList.SECTOR]}
    of_june = facts(sector="mining", month=date(2026, 6, 1))
    assert faults_of(of_june, TODAY, lists) == []
    [fault] = faults_of(facts(sector="mining", month=date(2026, 7, 1)), TODAY, lists)
    assert (fault.code, fault.facts["last"]) == ("count_code_abolished", "2026-06-15")


def test_first_month_of_a_code_is_that_of_its_first_day():
    assert faults_of(facts(month=date(2024, 7, 1), **MARRIED), TODAY) == []
