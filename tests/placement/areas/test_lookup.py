"""The state of an area on a day: the sum of its entries until that day, in any order of entry."""

from datetime import date

from placement.areas.first import first_places
from placement.areas.lookup import areas_for, names, places_of_day, reach_of
from placement.areas.values import VALUES
from placement.core.area_codes import PlaceKind
from placement.core.codes import Region
from placement.tables import PlaceEntry
from tests.support.stores import AT

TODAY, NEXT_MONTH, IN_2031 = date(2026, 11, 24), date(2026, 12, 24), date(2031, 1, 1)


def entry(number, since, code="twente", **facts):
    return PlaceEntry(
        kind=PlaceKind.AREA, code=code, number=number, facts=facts, valid_from=since, source="-", set_by="A", set_at=AT
    )


def on(entries, day):
    return {code: place for code, place in places_of_day(entries, day).items() if not place.value.ended}


def test_change_of_today_does_not_undo_one_of_a_later_day():
    entries = [
        entry(1, None, name="Twente", coordinated_by=["O-1"]),
        entry(2, NEXT_MONTH, coordinated_by=["O-2"]),
        entry(3, TODAY, name="Twente en Achterhoek"),
    ]
    found = [on(entries, day)["twente"].value for day in (date(2026, 1, 1), TODAY, NEXT_MONTH)]
    assert [(one.name, one.coordinated_by) for one in found] == [
        ("Twente", ("O-1",)), ("Twente en Achterhoek", ("O-1",)), ("Twente en Achterhoek", ("O-2",))
    ]  # fmt: skip


def test_area_is_there_from_its_first_day_until_it_ends():
    entries = [entry(1, TODAY, name="Twente"), entry(2, NEXT_MONTH, ended=True), entry(3, IN_2031, ended=False)]
    days = (date(2026, 1, 1), TODAY, NEXT_MONTH, IN_2031)
    assert [bool(on(entries, day)) for day in days] == [False, True, False, True]
    assert on(entries, TODAY)["twente"].until == NEXT_MONTH


def test_area_of_a_municipality_is_that_of_the_age():
    entries = [
        entry(1, None, "young", name="-", municipalities=["0153"], age_until=23),
        entry(1, None, "others", name="-", municipalities=["0153"], age_from=23),
    ]
    known = on(entries, TODAY)
    assert [areas_for(known, "0153", age) for age in (17, 22, 23, 60)] == [["young"], ["young"], ["others"], ["others"]]
    assert areas_for(known, "0141", 30) == []


def test_reach_is_what_is_coordinated_and_was_given():
    entries = [
        entry(1, None, "ours", name="-", coordinated_by=["O-1"]),
        entry(1, None, "theirs", name="-", coordinated_by=["O-2"]),
        entry(1, None, "open", name="-"),
    ]
    known = on(entries, TODAY)
    everything = {"ours", "theirs", "open"}
    assert reach_of(known, everything, "O-1") == {"ours", "open"}
    assert reach_of(known, (), "O-1") == {"ours"}
    assert reach_of(known, {"theirs"}, "O-1") == set()
    assert reach_of(known, (), None) == set()
    assert reach_of(known, everything, None) == {"open"}


def test_first_places_fit_their_models_and_name_their_source():
    rows = first_places(AT)
    assert len({(row.kind, row.code) for row in rows}) == len(rows)
    for row in rows:
        assert VALUES[row.kind].model_validate(row.facts).name
        assert row.source
    areas = {row.code for row in rows if row.kind is PlaceKind.AREA}
    assert {region.value for region in Region} < areas
    islands = [row for row in rows if row.facts.get("island")]
    assert {row.facts["schemes"] for row in islands} == {"unknown"}
    assert len(islands) == 6


def test_places_that_are_named_are_read_alone(empty):
    with empty.database.transaction() as session:
        two = names(session, PlaceKind.AREA, TODAY, Region.AMSTERDAM, Region.LIMBURG)
        every = names(session, PlaceKind.AREA, TODAY)
        again = names(session, PlaceKind.AREA, TODAY, Region.AMSTERDAM)
    assert two == {code: every[code] for code in (Region.AMSTERDAM, Region.LIMBURG)}
    assert again == {Region.AMSTERDAM: every[Region.AMSTERDAM]}
    assert len(every) > len(two)
