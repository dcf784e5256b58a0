"""A place found by hand: the rules and counts of proposals, with a case or without a case; elsewhere in bands only."""

import re

import pytest

from matching import explain
from placement.capacity import elsewhere
from placement.core.codes import Gender, Role, RoomFeature, Specialism
from placement.core.context import SYSTEM, Act, Actor
from placement.core.place_codes import FreeBand, FreeWhen
from placement.placements.proposals.place_search import Filter, Household, find_places
from placement.solver.snapshot import snapshot
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

DESK = Actor(id="A-desk", role=Role.DESK)


def act_of(service, session, actor=DESK):
    """Returns the context of an act, outside any request."""
    return Act(session, actor, service.moment.at, service.country.settings)


@pytest.fixture
def desk(service):
    return signed_in(service, "desk", language="en")


def events_of(service):
    return service.auditor.get("/audit/events?limit=5").json()["items"]


def asked(reader, **filters):
    """Returns the page of places after its form was sent with these filters."""
    reader.get("/places")
    return reader.send("/places", **filters)


@pytest.mark.wide
def test_case_finds_what_a_proposal_finds(service, desk):
    case = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    answer = desk.get(f"/places?registration={case}")
    named = re.findall(r'<a href="/shelters/(S\d+)">([^<]+)<', answer.text.split('id="fit"')[1].split("<details>")[0])
    with service.database.transaction() as session:
        problem = snapshot(act_of(service, session)).problem
    allowed = [row.unit for row in explain(problem, case).units if row.allowed]
    assert len(named) == len(allowed) > 0
    free = sum(map(int, re.findall(r'<td role="cell">(\d+) beds?\b', answer.text)))
    assert f"Fits {len(allowed)} units · {free} free beds" in words_of(answer)


@pytest.mark.wide
@one_store
def test_rule_that_bars_a_case_is_said_in_words(service, desk):
    case = service.desk.made("/registrations", somebody(region="den-haag", needs=["psychiatric"]))["id"]
    found = words_of(desk.get(f"/places?registration={case}"))
    assert "missing here: psychiatric" in found
    assert "The search uses the facts of this registration" in found


@pytest.mark.wide
@one_store
def test_search_of_a_case_is_one_event_about_it(service, desk):
    case = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    desk.get(f"/places?registration={case}")
    newest = next(row for row in events_of(service) if row["event"] == "page:shown")
    assert (newest["registration"], newest["facts"]["page"]) == (case, "places")
    assert newest["facts"]["events"] == ["country:read", "registration:read"]


@pytest.mark.wide
@one_store
def test_search_by_hand_is_one_event_of_no_case(service, desk):
    asked(desk, gender="female", girls="9")
    newest = events_of(service)
    [event] = [row for row in newest if row["event"] == "country:read"][:1]
    assert (event["registration"], event["facts"]) == (None, {"part": "places"})


@one_store
def test_coordinator_is_told_units_of_own_area_by_name_only(service):
    asked = Household(free=FreeWhen.ANY)
    with service.database.transaction() as session:
        every = find_places(act_of(service, session), asked, Filter(), None, "en")
        units = {one.unit: one for one in (*every.fit, *every.barred)}
        own = next(iter(units.values())).region
        act = act_of(service, session, Actor(id="A-one", role=Role.COORDINATOR, regions=frozenset({own})))
        some = find_places(act, asked, Filter(), None, "en")
    told = {one.unit for one in (*some.fit, *some.barred)}
    assert told == {unit for unit, one in units.items() if one.region == own} < set(units)
    rest = [one for one in units.values() if one.region != own]
    assert {(one.region, one.scheme) for one in some.elsewhere} == {(one.region, one.scheme) for one in rest}
    assert not every.elsewhere


@pytest.mark.wide
@one_store
def test_page_of_a_coordinator_has_bands_elsewhere(service, desk):
    shelters = set(re.findall(r'class="quiet">([^<]*)</span></th>', asked(desk, free="any").text))
    with service.database.transaction() as session:
        elsewhere.look(act_of(service, session, SYSTEM))
    service.moment.pass_by(hours=2)
    text = asked(signed_in(service, "coordinator", language="en"), free="any").text
    others = text.split('id="elsewhere"')[1].split("</section>")[0]
    assert "This list has no names, and is half an hour to two hours old." in others
    assert shelters
    assert not any(name in others for name in shelters)
    assert re.search(r">(at most 2 beds|3 to 5 beds|more than 5 beds)<", others)


@pytest.mark.wide
@one_store
def test_case_of_another_area_is_not_found_by_a_coordinator(service):
    case = service.desk.made("/registrations", somebody(region="limburg"))["id"]
    assert signed_in(service, "coordinator").get(f"/places?registration={case}").status_code == 404


@pytest.mark.wide
@one_store
def test_case_that_the_desk_must_open_asks_for_the_reason(service, desk):
    case = service.coordinator.made("/registrations", somebody())["id"]
    answer = desk.get(f"/places?registration={case}")
    assert answer.status_code == 403
    assert f"/registrations/{case}/open" in answer.text


@pytest.mark.wide
@one_store
def test_inference_guard_tells_no_place(service):
    other = service.desk.made("/registrations", somebody(region="limburg"))["id"]
    case = service.coordinator.made("/registrations", somebody())["id"]
    version = service.desk.get(f"/registrations/{other}").headers["ETag"]
    assert service.desk.patch(f"/registrations/{other}", {"keep_apart": [case]}, if_match=version).is_success
    answer = signed_in(service, "coordinator", language="en").get(f"/places?registration={case}")
    assert "The placement desk finds the place" in words_of(answer)
    assert 'id="fit"' not in answer.text
    theirs = Actor(id=service.coordinator.account, role=Role.COORDINATOR, regions=frozenset({"amsterdam"}))
    with service.database.transaction() as session:
        found = find_places(act_of(service, session, theirs), Household(), Filter(), case, "en")
    assert (found.fit, found.barred, found.elsewhere) == ([], [], [])


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("wrong", ["girls=18", "boys=two", "age=31,4", "age=121", "girls=1,2,3,4,5,6,7,8,9,10,11"])
def test_age_that_is_none_is_named_and_nothing_found(desk, wrong):
    name, _, written = wrong.partition("=")
    answer = asked(desk, **{name: written}, language="ti")
    assert answer.status_code == 400
    assert f'value="{written}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'id="fit"' not in answer.text


@pytest.mark.wide
@one_store
def test_unknown_code_is_no_filter(desk):
    plain = desk.get("/places").text
    unknown = {"gender": "x", "region": "y", "free": "z", "language": "%00", "needs": "q", "registration": " "}
    assert asked(desk, **unknown).text.count("<tr") == plain.count("<tr")


@pytest.mark.wide
@one_store
def test_what_is_asked_is_in_no_address_and_no_log(service, desk):
    answer = asked(desk, gender="female", age="31", girls="9", language="ti")
    assert (answer.status_code, answer.url.path) == (200, "/places")
    assert re.fullmatch(r"asked=[\w-]{8}", answer.url.query.decode())
    assert 'value="31"' in answer.text
    assert "girls" not in service.log.getvalue()
    assert not any("female" in value for name, value in desk.cookies.items() if "places" in name)


@pytest.mark.wide
@one_store
def test_way_back_shows_each_search_again(desk):
    ages = range(30, 36)
    addresses = [asked(desk, age=str(age)).url for age in ages]
    shown = [desk.get(f"{one.path}?{one.query.decode()}").text for one in addresses]
    assert [f'value="{age}"' in text for age, text in zip(ages, shown, strict=True)] == [False, *[True] * 5]
    assert 'value="35"' in desk.get("/places").text
    assert not re.search(r'value="3\d"', desk.get("/places?asked=").text)


@pytest.mark.wide
@one_store
def test_search_that_says_much_is_kept_in_place_of_earlier_ones(desk):
    ages = ", ".join(str(age) for age in range(9, 18))
    much = {"girls": ages, "boys": ages, "gender": "female", "language": "ti", "region": "midden-nederland"}
    much |= {"needs": [*Specialism], "room_needs": [*RoomFeature], "empty_room": "yes", "fresh": "yes"}
    for age in range(30, 35):
        assert f'value="{age}"' in asked(desk, age=str(age), free="tonight", **much).text


@pytest.mark.wide
@one_store
def test_another_session_cannot_read_what_was_asked(service, desk):
    url = asked(desk, age="31").url
    other = signed_in(service, "desk", language="en")
    other.cookies |= {name: value for name, value in desk.cookies.items() if name.endswith("-places")}
    assert 'value="31"' not in other.get(f"{url.path}?{url.query.decode()}").text


@pytest.mark.wide
@one_store
def test_case_keeps_its_reference_through_the_filter(service, desk):
    case = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    desk.get(f"/places?registration={case}")
    answer = desk.send("/places", region="limburg")
    assert case in answer.url.query.decode()
    assert re.search(r'value="limburg"\s+selected', answer.text)


@pytest.mark.wide
@one_store
def test_each_filter_leaves_out_what_it_names(service):
    with service.database.transaction() as session:
        act = act_of(service, session)
        find = lambda narrowed=Filter(), **who: find_places(act, Household(**who), narrowed, None, "en")  # noqa: B008, E731
        every = {one.unit for one in find(free=FreeWhen.ANY).fit}
        men = find(gender=Gender.MALE, free=FreeWhen.ANY)
        assert {one.unit for one in men.fit} < every
        assert {one.rule for unit in men.barred for one in unit.broken} == {"gender"}
        assert {one.unit for one in find().fit} < every
        boy = find(gender=Gender.FEMALE, boys=(15,), free=FreeWhen.ANY)
        assert "children" in {one.rule for unit in boy.barred for one in unit.broken}
        assert all(one.region == "limburg" for one in find(Filter("limburg"), free=FreeWhen.ANY).fit)
        alone = find(gender=Gender.FEMALE, empty_room=True)
        assert all(one.empty_rooms for one in alone.fit)


def test_free_beds_are_in_bands():
    assert [FreeBand.of(beds).value for beds in (0, 2, 3, 5, 6)] == ["few", "few", "some", "some", "many"]
