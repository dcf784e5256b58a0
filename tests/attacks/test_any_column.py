"""A dump of a store that signed-in people filled through HTTP. An attacker who tries every column in clear finds no
client more often than by the public number of beds. With a sealed column in clear, the same attacker finds them.
"""

from collections import defaultdict
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from sqlmodel import SQLModel

from placement.accounts.rate_limits import subject_of
from placement.accounts.totp import STEP_SECONDS
from placement.crypto.encrypted_columns import keys_of
from placement.crypto.pseudonyms import Pseudonym, named_by, pseudonym_of
from tests.support.api.empty_service import Begun
from tests.support.api.serving import serving
from tests.support.attacks.any_column import AnyColumnAttacker, Found
from tests.support.attacks.dump import Dump, dump_of, in_clear
from tests.support.attacks.interval import minutes_pass
from tests.support.attacks.signed_in_country import COORDINATOR, DESK, Placed, SignedInCountry
from tests.support.proof import FULL
from tests.support.stores import each_store

IN_CLEAR = {
    "beginning of sessions": ("accountsession.account_id", "accountsession.began_at"),
    "use of sessions": ("accountsession.account_id", "accountsession.last_used_at"),
    "tokens": ("accesstoken.key_id", "accesstoken.expires_at"),
    "tries and used codes": ("throttle.subject",),
    "unit of a hold": ("hold.unit_id",),
    "moments of counts": ("capacityreport.at",),
}
"""Sealed columns with which the attacker finds clients, each as it was, or as it would be, without the seal."""

SURE = {"small": 0.999, "full": 0.95}
"""The share of guesses by number of beds that find fewer: few clients vary more."""


@dataclass(frozen=True)
class Lived:
    """The dumps of a country, of which the second was taken a day before the last, and its dumps in clear by name."""

    placed: list[Placed]
    last: Dump
    a_day_before: Dump
    opened: dict[str, Dump]
    reads: dict[str, list[dict[str, Any]]]
    """The answers about capacity to a coordinator of another region, and to the desk."""

    unpadded: dict[str, set[str]]
    """By region, its pseudonym if it was not padded."""


_LIVED: dict[tuple[str, str], list[Lived]] = {}


@pytest.fixture(params=["small", pytest.param("full", marks=pytest.mark.long)])
def lived(request, stores, solver, applications):
    """Lives in each country once for all tests: with each seed another, and all from the same plan."""
    size = request.param
    if (stores.kind, size) not in _LIVED:
        seeds = range(1, 6 if FULL and size == "full" else 3 if size == "full" else 2)
        _LIVED[stores.kind, size] = [live(stores.make("empty"), solver, applications, seed, size) for seed in seeds]
    return _LIVED[stores.kind, size], SURE[size]


def live(made, solver, applications, seed, size):
    clients, days, looks = (30, 15, 1) if size == "full" else (15, 5, 0)
    with serving(applications, made, solver) as served:
        country = SignedInCountry(Begun(made, *served), Random(seed), looks)
        placed, dumps = [], []
        for day, placed in enumerate(country.fill(clients, days)):  # noqa: B007  (all who were placed, at the end)
            if day >= days - 2:
                minutes_pass(made, served[2].at)
                with made.database.transaction() as session:
                    dumps.append(dump_of(session))
        with made.database.transaction() as session:
            opened = {name: in_clear(session, dumps[-1], *columns) for name, columns in IN_CLEAR.items()}
            store = keys_of(session.get_bind().dialect).store
            unpadded = defaultdict(set)
            for row in dumps[-1]["registration"]:
                region = named_by(store, "registration.region", row["region"])
                unpadded[region].add(pseudonym_of(store, "registration.region", region, 1))
        reads = {account: country.reads(account) for account in (COORDINATOR, DESK)}
    opened["tries and used codes"] = codes_guessed(opened["tries and used codes"])
    return Lived(Random(seed).sample(placed, len(placed)), dumps[-1], dumps[-2], opened, reads, unpadded)


def codes_guessed(dump):
    """Puts the account in the place of a hash that the attacker can compute: the step of a code is public."""
    steps = {int(row["last_at"].timestamp()) // STEP_SECONDS + around for row in dump["throttle"] for around in (-1, 0)}
    accounts = {subject_of("used code", row["id"], str(step)): row["id"] for row in dump["account"] for step in steps}
    rows = [row | {"subject": accounts.get(row["subject"], "")} for row in dump["throttle"]]
    return Dump(dump.rows | {"throttle": rows})


def found(countries, dump_in, *, before=False, reading=""):
    total = Found()
    for one in countries:
        others = [one.a_day_before] if before else []
        more = {"reads": one.reads[reading]} if reading else {}
        attacker = AnyColumnAttacker(dump_in(one), [client.registration for client in one.placed], *others, more=more)
        total += attacker.tried_on_both_halves(one.placed)
    return total


@pytest.mark.parametrize("means", [{}, {"before": True}, {"reading": COORDINATOR}], ids=["", "before", "reading"])
@each_store
def test_columns_in_clear_find_no_client(lived, means):
    countries, sure = lived
    tried = found(countries, lambda one: one.last, **means)
    assert tried.is_within_chance(sure), tried


@pytest.mark.parametrize("name", IN_CLEAR)
@each_store
def test_sealed_column_in_clear_finds_clients(lived, name):
    countries, sure = lived
    tried = found(countries, lambda one: one.opened[name])
    assert not tried.is_within_chance(sure), tried


@each_store
@pytest.mark.parametrize("lived", [pytest.param("full", marks=pytest.mark.long)], indirect=True)
def test_reads_of_the_desk_find_clients(lived):
    """A coordinator reads less."""
    countries, sure = lived
    tried = found(countries, lambda one: one.last, reading=DESK)
    assert not tried.is_within_chance(sure), tried


@each_store
def test_lengths_of_pseudonyms_are_equal(lived):
    """Without padding the length of a pseudonym is that of the region's name."""
    [one, *_], _ = lived
    pseudonyms = [
        column
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Pseudonym)
    ]
    for column in pseudonyms:
        lengths = {len(row[column.name]) for row in one.last[column.table.name] if row[column.name] is not None}
        assert len(lengths) <= 1, column
    assert len(pseudonyms) > 25
    assert len({len(name) for names in one.unpadded.values() for name in names}) > 4
