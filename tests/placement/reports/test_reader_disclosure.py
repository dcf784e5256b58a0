"""A shelter or an area that knows its own counts finds by a report of how many below 5 all others have.

The attacker has all that is published of the country, knows what adds up, and how many of each count are its own; a
solver (HiGHS) gives what is left for all others. It must succeed against a report that minds no reader.
"""

import os
from collections import defaultdict
from itertools import product
from random import Random

import pytest

from placement.reports.build import EXACT, build, people
from placement.reports.disclosure_control import HIDDEN, POSSIBLE, possible, protect
from placement.reports.inputs import read_rows, write_rows
from placement.reports.own_counts import own_counts
from tests.support.reports.attacker import UNKNOWN, learned, limits
from tests.support.reports.known_counts import some_day
from tests.support.stores import first_and_wide

DAYS = 100 if os.environ.get("PROOF_SIZE") == "full" else 3
SKEWS = (1, 3, 8)
"""Skews from an even country to a country in which a single shelter and area have most."""


def minding_readers(rows, cells, sums):
    return protect(cells, sums, EXACT, own_counts(rows))


def minding_no_reader(_, cells, sums):
    """The broken variant."""
    return protect(cells, sums, EXACT)


def recovered(seed, skew, tell):
    """Returns counts below 5 of others with under three values for the largest readers: by sums, and by text alone."""
    rows, known = some_day(Random(seed), skew=skew)
    cells, sums = people(rows)
    shown = tell(rows, cells, sums)
    by_sums, by_text = [], []
    size = lambda reader: known[reader].total()  # noqa: E731
    for reader in (max((one for one in known if one.startswith(kind)), key=size) for kind in ("area", "shelter")):
        own = known[reader]
        small = [key for key, count in cells.items() if count - own[key] < 5]
        for key, (low, high) in learned(shown, sums, small, own).items():
            assert low <= cells[key] - own[key] <= high, (reader, key)  # what is shown is true
            alone = [max(0, end - own[key]) for end in limits(shown[key])]
            if high - low + 1 < min(POSSIBLE, alone[1] - alone[0] + 1):
                by_sums.append((reader, key))
            if alone[1] - alone[0] + 1 < POSSIBLE:
                by_text.append((shown[key], own[key]))
    return by_sums, by_text


@pytest.mark.wide
@pytest.mark.parametrize(
    ("seed", "skew"), first_and_wide(*((seed, skew) for seed in range(DAYS) for skew in reversed(SKEWS)))
)
def test_reader_finds_no_more_of_others_than_fewer_than_five(seed, skew):
    by_sums, by_text = recovered(seed, skew, minding_readers)
    assert by_sums == []
    assert [(text, own) for text, own in by_text if text != "<5" or own < 3] == []


@pytest.mark.wide
@pytest.mark.parametrize("skew", SKEWS[1:])
def test_reader_succeeds_where_the_report_minds_none(skew):
    found = [recovered(seed, skew, minding_no_reader) for seed in range(3)]
    assert any(by_sums for by_sums, _ in found)
    assert [text for _, by_text in found for text, _ in by_text if text.isdecimal()]


@pytest.mark.parametrize("exact", [True, False])
def test_knowing_the_rule_gives_a_reader_no_more(exact):
    """Tries all ways to divide a count over three readers: equal texts leave each reader at least three values."""
    others = defaultdict(set)
    for own, *rest in product(range(13), repeat=3):
        counts = {("all",): own + sum(rest)}
        text = protect(counts, {}, counts if exact else (), [{("all",): one} for one in (own, *rest) if one])["all",]
        others[text, own].add(sum(rest))
    found = {known: left for known, left in others.items() if min(left) < 5 and len(left) < POSSIBLE}
    assert found == {("<5", 3): {0, 1}, ("<5", 4): {0}}


def test_own_counts_are_those_that_each_reader_knows():
    for seed in range(5):
        rows, known = some_day(Random(seed), skew=3)
        cells, _ = people(rows)
        ours, theirs = (
            {frozenset((key, count) for key, count in own.items() if count and key in cells) for own in owns}
            for owns in (own_counts(rows), known.values())
        )
        assert ours - {frozenset()} == theirs - {frozenset()}


@pytest.mark.wide
def test_how_long_others_wait_is_told_of_five_of_them():
    for seed in range(40):
        rows, known = some_day(Random(seed), skew=8)
        most = max(own["waiting", "total"] for own in known.values())
        enough = len(rows.waiting) - most >= 5
        assert (build(rows).waiting.median_days is not None) is enough
    without = read_rows(write_rows(rows).replace('"of_readers"', '"not_known"'))
    assert own_counts(without) == []


def test_counts_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="add up"):
        possible({("all",): "20", ("part",): "<5"}, {("all",): [[("part",)]]})


def test_hidden_count_can_be_anything():
    assert limits(HIDDEN) == (0, UNKNOWN)
