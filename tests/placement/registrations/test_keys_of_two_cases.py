"""Two linked cases with separate keys: the end of the first leaves the second readable, and reveals nothing."""

import pytest
from sqlmodel import select

from placement.core.errors import Conflict
from placement.core.link_codes import LinkKind
from placement.crypto.encrypted_columns import is_readable
from placement.placements import timeline
from placement.registrations import links, registrations, returns
from placement.retention import erasure
from placement.tables import Registration, RegistrationLink
from placement.tables.registration_link import key_of_link
from placement.tasks.listing import open_tasks
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, key_store_of


def registered(town, **facts):
    return town.register(actor=COORDINATOR, alias="Merel", **facts)


def linked(town):
    one, other = registered(town), registered(town)
    town.do(links.link, one, other, LinkKind.SAME_CLIENT, actor=COORDINATOR)
    town.do(registrations.close, one, "withdraws_consent")
    return one, other


def merged(town):
    other = registered(town)
    town.later(hours=1)
    one = registered(town)
    town.do(links.merge, one, other, actor=COORDINATOR)
    return one, other


def returned(town):
    one = registered(town)
    town.do(registrations.close, one, "withdraws_consent")
    return one, town.do(returns.take_back, one, actor=COORDINATOR).id


def apart(town):
    one = registered(town)
    other = registered(town, parts={"keep_apart": [one]})
    town.do(registrations.close, one, "withdraws_consent")
    return one, other


def together(town):
    one = registered(town)
    other = registered(town, parts={"stay_with": [one]})
    town.do(registrations.close, one, "withdraws_consent")
    return one, other


def erased(town, case):
    town.do(erasure.erase_content, [case])


def anonymised(town, case):
    erased(town, case)
    town.do(erasure.anonymise, [case])


def key_destroyed(town, case):
    key_store_of(town).destroy(case)


def of_the_other(town, case):
    """Returns the alias, the persons, and the cases that its links and its earlier case name."""
    with town.act() as act:
        row = act.session.get_one(Registration, case)
        known = row.alias, len(row.persons)
        said = [one.other.id for one in links.compared(act, case)[1] if one.other is not None]
        timeline.timeline(act, case, before=None, limit=50)
        open_tasks(act)
        return known, said, returns.earlier_of(act, row)


@pytest.mark.parametrize("ends", [erased, anonymised, key_destroyed])
@pytest.mark.parametrize("belong", [linked, merged, returned, apart, together])
def test_end_of_one_case_leaves_the_other_readable(town, belong, ends):
    one, other = belong(town)
    ends(town, one)
    (alias, persons), said, earlier = of_the_other(town, other)
    assert (alias, persons) == ("Merel", 1)
    if ends is not key_destroyed:
        assert said == []
    assert earlier == (one if belong is returned and ends is not anonymised else None)
    assert not is_readable(town.registration(one).alias) or town.registration(one).alias is None


@pytest.mark.parametrize("belong", [linked, merged])
def test_no_copy_tells_of_a_link_to_an_erased_case(town, belong):
    one, _ = belong(town)
    [row] = town.all(select(RegistrationLink))
    erased(town, one)
    assert town.all(select(RegistrationLink)) == []
    assert key_store_of(town).is_destroyed(key_of_link(row.id))


@one_store
@pytest.mark.parametrize("erased_one", [0, 1])
def test_erased_case_is_linked_and_merged_no_more(town, erased_one):
    pair = linked(town)
    erased(town, pair[erased_one])
    for verb, more in ((links.link, [LinkKind.RELATED]), (links.merge, [])):
        with pytest.raises(Conflict, match="case_erased") as refused:
            town.do(verb, *pair, *more, actor=COORDINATOR)
        assert refused.value.facts == {"registrations": [pair[erased_one]]}
    assert town.all(select(RegistrationLink)) == []


@one_store
def test_link_that_comes_back_with_its_key_is_forgotten(town, monkeypatch):
    one, other = linked(town)
    with monkeypatch.context() as lost:
        lost.setattr("placement.registrations.duplicates.is_readable", lambda *_: False)
        erased(town, one)
    assert len(town.all(select(RegistrationLink))) == 1
    third = registered(town)
    erased(town, third)
    assert town.all(select(RegistrationLink)) == []
    assert of_the_other(town, other)[1] == []
