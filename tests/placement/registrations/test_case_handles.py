"""Handles of cases: two words that no other open case has, and that reveal no fact of the client."""

from collections import Counter
from random import Random

import pytest
from sqlmodel import select

from placement.core.ids import new_id
from placement.registrations import case_handles, registrations
from placement.registrations.case_handles import handle_of, words
from placement.tables import Registration


def test_handle_is_two_words_that_can_be_said_and_spelled():
    adjectives, nouns = words()
    assert (len(set(adjectives)), len(set(nouns))) == (len(adjectives), len(nouns))
    assert len(adjectives) * len(nouns) > 80_000
    assert all(word.isascii() and word.isalpha() and word.islower() for word in (*adjectives, *nouns))
    assert not [word for word in adjectives if not word.endswith(("e", "en"))]
    assert max(map(len, (*adjectives, *nouns))) <= 15


@pytest.mark.wide
def test_handle_follows_from_the_reference_alone():
    assert handle_of("R-94PX-A7A3-K6W6") == handle_of("R-94PX-A7A3-K6W6")
    found = Counter(handle_of(new_id("R")) for _ in range(20_000))
    assert max(found.values()) < 10  # no word is drawn more than the others


def test_new_case_has_a_handle_of_its_own(town, monkeypatch):
    taken = town.register()
    rng, made = Random(1), []

    def reference(kind):
        made.append(taken if len(made) < 3 else f"{kind}-{rng.randrange(10**9)}")
        return made[-1]

    monkeypatch.setattr(case_handles, "new_id", reference)
    new = town.register()
    assert (made[:3], made[-1]) == ([taken] * 3, new)
    found = [handle_of(one) for one in town.all(select(Registration.id))]
    assert len(found) == len(set(found)) == 2


def test_handle_of_an_anonymised_case_is_free_again(town, monkeypatch):
    old = town.register()
    town.do(registrations.close, old, "withdraws_consent")
    with town.database.transaction() as session:
        session.get_one(Registration, old).anonymised_at = town.at
    asked = iter([old, "R-other"])
    monkeypatch.setattr(case_handles, "new_id", lambda _: next(asked))
    with town.act() as act:
        assert case_handles.new_reference(act.session) == old


@pytest.mark.parametrize(
    ("said", "is_meant"),
    [
        ("groene lantaarn", True),
        ("  Groene  LANTAARN ", True),
        ("gr lan", True),
        ("lantaarn", True),
        ("groe", True),
        ("gro", False),
        ("lantaarn groene", False),
        ("groene lantaarns", False),
        ("R-94PX-A7A3-K6W6", True),
        ("94px a7a3", True),
        ("94P", False),
        ("a", False),
        ("", False),
    ],
)
def test_case_is_found_by_what_a_caller_says(said, is_meant, monkeypatch):
    monkeypatch.setattr(case_handles, "handle_of", lambda _: "groene lantaarn")
    assert bool(case_handles.called(["R-94PX-A7A3-K6W6"], said)) is is_meant
