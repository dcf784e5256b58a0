"""Registrations are made, changed, closed; every invalid field is named, and nothing is half-written."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from placement.core.clock import day_of
from placement.core.codes import AvoidedKind, Region, Registrant, RegistrationStatus, ResidenceBasis
from placement.core.errors import Conflict, Invalid, NotFound, VersionPassed
from placement.registrations import case_rows, registrations, related_cases
from placement.registrations.case import AvoidedInput, PersonInput, PointInput, ThreatInput
from placement.tables import KeepApart, Registration
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, TODAY, F, M

LEAST = {
    "region": Region.AMSTERDAM,
    "registrant": Registrant.NP,
    "residence_basis": ResidenceBasis.EU,
    "language_required": False,
}
"""What a registration cannot be without, beside a person."""


def test_new_registration_is_open_and_waits_from_now(town):
    client = town.registration(
        town.register(actor=COORDINATOR, alias="Vogel", parts={"near": PointInput(place="delft")})
    )
    assert (client.status, client.version, client.waits_since) == (RegistrationStatus.OPEN, 1, town.at)
    assert (client.registered_by, client.alias, client.near["place"]) == (COORDINATOR.id, "Vogel", "Delft")


@pytest.mark.parametrize(("urgency", "days"), [(1, 0), (2, 3), (3, 7), (4, 14)])
def test_needed_by_defaults_to_the_term_of_the_urgency(town, urgency, days):
    made = town.do(registrations.register, {**LEAST, "urgency": urgency}, persons=[PersonInput(F, 20)])
    assert town.registration(made.id).needed_by == TODAY + timedelta(days=days)


def test_invalid_registration_names_every_field_stores_nothing(town):
    with pytest.raises(Invalid) as refused:
        town.register(
            languages=[{"code": "nl", "level": "native"}, {"code": "klingonish", "level": "basic"}],
            needs=["pregnancy"],
            preferred_needs=["pregnancy", "infant"],
            parts={
                "threats": [
                    ThreatInput(PointInput(place="Nergenshuizen"), 10),
                    ThreatInput(PointInput(place="Delft", lat=52.0, lon=4.0), 10),
                    ThreatInput(PointInput(lat=52.0), 10),
                ],
                "near": PointInput(),
                "avoided": [
                    AvoidedInput(AvoidedKind.REGION, "atlantis"), AvoidedInput(AvoidedKind.UNIT, "L1"),
                    AvoidedInput(AvoidedKind.LOCATION, "U1-women"), AvoidedInput(AvoidedKind.PROVIDER, "S1"),
                ],
                "keep_apart": ["R-UNKN-OWN1-2345"],
            },
        )  # fmt: skip
    assert sorted((fault.field, fault.code) for fault in refused.value.faults) == sorted([
        ("threats.0.place", "place_unknown"), ("threats.1", "place_or_point"), ("threats.2", "place_or_point"),
        ("near", "place_or_point"), ("languages.1.code", "language_unknown"), ("preferred_needs", "need_twice"),
        ("avoided.0.target", "target_unknown"), ("avoided.1.target", "target_unknown"),
        ("avoided.2.target", "target_unknown"), ("avoided.3.target", "target_unknown"),
        ("keep_apart.0", "registration_unknown"),
    ])  # fmt: skip
    for table in (Registration, KeepApart):
        assert town.all(select(func.count()).select_from(table)) == [0]
    assert "registration:made" not in town.events()


def test_a_language_is_needed_unless_none_is_required(town):
    with pytest.raises(Invalid) as refused:
        town.register(languages=[])
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("languages", "language_missing")]
    assert town.register(languages=[], language_required=False)


def test_coordinator_registers_and_moves_in_own_regions_only(town):
    with pytest.raises(Invalid) as refused:
        town.register(actor=ELSEWHERE)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("region", "region_not_yours")]
    client = town.register(actor=COORDINATOR)
    with pytest.raises(Invalid):
        town.do(registrations.change, client, 1, {"region": Region.LIMBURG}, actor=COORDINATOR)
    town.do(registrations.change, client, 1, {"region": Region.LIMBURG}, actor=DESK)
    with pytest.raises(NotFound):
        town.do(registrations.change, client, 2, {"urgency": 1}, actor=COORDINATOR)


def test_a_change_changes_what_is_given_and_nothing_else(town):
    client = town.register(
        alias="Vogel", parts={"threats": [ThreatInput(PointInput(place="Delft"), 9)], "near": PointInput(place="Breda")}
    )
    before = town.registration(client).model_dump()
    town.do(registrations.change, client, 1, {"urgency": 1})
    after = town.registration(client).model_dump()
    assert before["content"]["needed_by"]
    assert {name for name in after if after[name] != before[name]} == {"urgency", "version", "seal"}
    with town.act() as act:
        assert len(case_rows.persons_of(act, client)) == 1
    assert [threat.min_km for threat in town.registration(client).threats] == [9]
    town.do(registrations.change, client, 2, {}, threats=[])
    assert town.registration(client).threats == []


@pytest.mark.parametrize("version", [0, 2])
def test_change_of_an_old_version_is_refused_naming_the_newest(town, version):
    client = town.register()
    with pytest.raises(VersionPassed) as refused:
        town.do(registrations.change, client, version, {"urgency": 1})
    assert refused.value.facts == {"given": version, "newest": 1}
    assert town.registration(client).urgency == 3


def test_invalid_change_changes_nothing(town):
    client = town.register()
    with pytest.raises(Invalid):
        town.do(registrations.change, client, 1, {"urgency": 1, "languages": []}, persons=[PersonInput(M, 1)])
    assert (town.registration(client).urgency, town.row(client).persons[0].age) == (3, 30)


def test_a_draft_waits_for_nothing_until_it_is_opened(town):
    client = town.register(draft=True)
    assert town.registration(client).status is RegistrationStatus.DRAFT
    assert town.problem().registrations == ()
    town.do(registrations.change, client, 1, {}, open_it=True)
    assert town.registration(client).status is RegistrationStatus.OPEN
    assert town.row(client)


@pytest.mark.wide
def test_held_placed_or_closed_registration_cannot_be_changed(town):
    held, placed, closed = town.register(), town.register(), town.register()
    town.hold_in(held)
    town.house(placed)
    town.do(registrations.close, closed, "found_other_place")
    for client in (held, placed, closed):
        version = town.registration(client).version
        with pytest.raises(Conflict) as refused:
            town.do(registrations.change, client, version, {"urgency": 1})
        assert refused.value.code == "registration_not_changeable"
        with pytest.raises(Conflict):
            town.do(registrations.close, client, "found_other_place")


def test_closing_needs_a_reason_and_supersedes_proposals(town):
    client = town.register()
    proposal = town.propose(client)
    for reason, code in ((None, "reason_missing"), ("own_housing", "reason_unknown")):
        with pytest.raises(Invalid) as refused:
            town.do(registrations.close, client, reason)
        assert [fault.code for fault in refused.value.faults] == [code]
    town.do(registrations.close, client, "withdraws_consent")
    closed = town.registration(client)
    assert (closed.status, closed.closed_reason, closed.closed_on) == (
        RegistrationStatus.CLOSED, "withdraws_consent", day_of(town.at)
    )  # fmt: skip
    assert town.one("proposal", proposal).status == "superseded"


def test_keep_apart_is_by_reference_and_never_the_own_one(town):
    client, other = town.register(), town.register()
    town.do(registrations.change, client, 1, {}, keep_apart=[other, other])
    with town.act() as act:
        assert related_cases.named_by(act, client).keep_apart == [other]
    with pytest.raises(Invalid) as refused:
        town.do(registrations.change, client, 2, {}, keep_apart=[client])
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("keep_apart.0", "registration_unknown")]


def test_avoidance_is_set_once_lifted_once_and_kept(town):
    avoided = [AvoidedInput(AvoidedKind.UNIT, "U1-women")]
    client, other = town.register(parts={"avoided": avoided}), town.register(parts={"avoided": avoided})
    town.do(registrations.change, client, 1, {}, avoided=avoided)
    [mine] = town.registration(client).avoidances
    assert (mine.reason, mine.set_by) == ("asked_for", DESK.id)
    with pytest.raises(NotFound):
        town.do(registrations.lift_avoidance, other, mine.id)
    proposal = town.propose(client)
    town.later(hours=1)
    town.do(registrations.lift_avoidance, client, mine.id)
    assert town.one("proposal", proposal).status == "superseded"
    with pytest.raises(Conflict) as refused:
        town.do(registrations.lift_avoidance, client, mine.id)
    assert refused.value.code == "already_lifted"
    [lifted] = town.registration(client).avoidances
    assert (lifted.lifted_at, lifted.lifted_by) == (town.at, DESK.id)
    town.do(registrations.change, client, 3, {}, avoided=avoided)  # and set again
    assert town.avoided(client) == {("unit", "U1-women")}


def test_the_place_is_found_in_any_case_and_stored_by_its_name(town):
    client = town.register(parts={"threats": [ThreatInput(PointInput(place="roTTerdam"), 5)]})
    [threat] = town.registration(client).threats
    assert threat.point["place"] == "Rotterdam"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("The Hague", "Den Haag"),
        ("'s-Gravenhage", "Den Haag"),
        ("Den Bosch", "'s-Hertogenbosch"),
        ("almere", "Almere Stad"),
        ("  Utrecht ", "Utrecht"),
        ("Beek (Limburg)", "Beek"),
    ],
)
def test_place_is_found_by_its_common_name(town, said, found):
    client = town.register(parts={"threats": [ThreatInput(PointInput(place=said), 40)]})
    assert [threat.point["place"] for threat in town.registration(client).threats] == [found]


def test_ambiguous_place_name_is_refused(town):
    with pytest.raises(Invalid) as refused:
        town.register(parts={"threats": [ThreatInput(PointInput(place="Beek"), 40)]})
    [fault] = refused.value.faults
    assert (fault.field, fault.code) == ("threats.0.place", "place_ambiguous")
    assert fault.facts["allowed"] == ["Beek (Limburg)", "Beek (Noord-Brabant)"]


def test_day_of_a_draft_follows_the_urgency_chosen_later(town):
    made = town.do(registrations.register, LEAST, persons=[PersonInput(F, 20)], draft=True, actor=COORDINATOR).id
    assert town.registration(made).needed_by == TODAY + timedelta(days=7)
    town.do(registrations.change, made, 1, {"urgency": 1}, actor=COORDINATOR)
    assert town.registration(made).needed_by == TODAY
    town.do(registrations.change, made, 2, {"needed_from": TODAY + timedelta(days=20), "urgency": 2}, actor=COORDINATOR)
    assert town.registration(made).needed_by == TODAY + timedelta(days=23)


def test_day_that_was_said_stays_when_the_urgency_changes(town):
    made = town.register(actor=COORDINATOR, needed_by=TODAY + timedelta(days=2))
    town.do(registrations.change, made, 1, {"urgency": 1}, actor=COORDINATOR)
    assert town.registration(made).needed_by == TODAY + timedelta(days=2)
