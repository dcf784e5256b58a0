"""Facts of a client who has a place change with a reason, and the place is checked at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.core.codes import AvoidedKind, LegalHoldStatus, RegistrationStatus, ResidenceBasis, Specialism
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound, VersionPassed
from placement.core.reason_codes import ChangeReason
from placement.placements.decisions import decisions
from placement.placements.stays import fact_changes, place_fit
from placement.placements.stays.takeover import RoomTaken
from placement.registrations import fact_history
from placement.registrations.case import AvoidedInput, PersonInput, PointInput, ThreatInput
from placement.retention import fact_erasure, legal_hold
from placement.tables import DataKey, FactChange, Registration
from tests.support import second_person
from tests.support.audit_log import logged
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, F, M

MOTHER, CHILD = PersonInput(F, 30, guardian=True), PersonInput(F, 0)
NEAR = [ThreatInput(PointInput(place="Alkmaar"), 20)]


def change(town, client, facts=None, *, actor=COORDINATOR, reason=ChangeReason.CORRECTION, **more):
    version = more.pop("version", None) or town.registration(client).version
    return town.do(fact_changes.change, client, version, facts or {}, actor=actor, reason=reason, **more)


def refused(town, client, facts=None, **more):
    """The fault of a change that is not stored."""
    before = town.registration(client).version
    with pytest.raises(Invalid) as error:
        change(town, client, facts, **more)
    assert town.registration(client).version == before
    [fault] = error.value.faults
    return fault


def persons(town, client):
    return [(one.gender, one.age) for one in town.registration(client).persons]


def seats(town, client):
    """By room, how many persons of this client have a bed, and how many beds are claimed."""
    found = {}
    for claim in town.claims(client):
        if claim.ends_on is None:
            room = town.one("bed", claim.bed_id).room_id
            seated, beds = found.get(room, (0, 0))
            found[room] = seated + (claim.person_id is not None), beds + 1
    return found


def broken_now(town, client):
    with town.act() as act:
        return [one.rule for one in place_fit.broken_where_lived(act, act.session.get_one(Registration, client))]


def test_change_of_a_waiting_client_needs_no_reason(town):
    client = town.register()
    assert change(town, client, {"high_care": True}, reason=None).high_care


@pytest.mark.parametrize("state", ["reserved", "asked", "confirmed", "in_house"])
def test_change_at_each_state_of_a_place_is_stored(town, state):
    client = town.register()
    held = town.hold_in(client)
    if state in {"confirmed", "in_house"}:
        town.confirm(held)
    if state == "in_house":
        town.arrive(held)
    status = town.registration(client).status
    changed = change(town, client, {"preferred_needs": [Specialism.MEDICAL]}, reason=ChangeReason.CARE)
    assert (changed.preferred_needs, changed.status, changed.breaks) == ([Specialism.MEDICAL], status, [])


def test_change_without_a_reason_is_refused_at_the_field(town):
    client = town.register()
    town.house(client)
    assert refused(town, client, {"high_care": True}, reason=None).code == "change_reason_missing"
    assert refused(town, client, {"high_care": True}, reason=ChangeReason.OTHER, text=" ").code == "text_missing"


def test_change_of_an_older_version_is_refused(town):
    client = town.register()
    town.house(client)
    change(town, client, {"high_care": True})
    with pytest.raises(VersionPassed):
        change(town, client, {"high_care": False}, version=1)


def test_change_of_a_closed_case_is_refused(town):
    client = town.register()
    town.end(town.house(client))
    with pytest.raises(Conflict, match="registration_not_changeable"):
        change(town, client, {"high_care": True})


def test_client_of_another_area_is_not_found(town):
    town.house(client := town.register())
    with pytest.raises(NotFound):
        change(town, client, {"high_care": True}, actor=ELSEWHERE)


def test_danger_near_the_place_asks_then_is_a_broken_rule(town):
    client = town.register()
    town.house(client, "U1-women")
    fault = refused(town, client, reason=ChangeReason.NEW_DANGER, threats=NEAR)
    assert (fault.field, fault.code, fault.facts["rules"]) == ("confirm", "place_breaks", ["threat_distance"])
    stored = change(town, client, reason=ChangeReason.NEW_DANGER, threats=NEAR, confirm=True)
    assert (stored.breaks, stored.status) == (["threat_distance"], RegistrationStatus.PLACED)
    assert broken_now(town, client) == ["threat_distance"]


def test_rule_that_is_broken_already_is_not_asked_again(town):
    client = town.register()
    town.house(client, "U1-women")
    change(town, client, threats=NEAR, confirm=True)
    assert change(town, client, {"high_care": True}).breaks == ["threat_distance"]
    assert change(town, client, threats=[]).breaks == []
    assert broken_now(town, client) == []


def test_wrong_gender_put_right_breaks_the_unit_of_women(town):
    client = town.register()
    town.house(client, "U1-women")
    assert "gender" in refused(town, client, persons=[PersonInput(M, 30)]).facts["rules"]
    assert "gender" in change(town, client, persons=[PersonInput(M, 30)], confirm=True).breaks
    assert town.room("R1").vacancy.occupants[0].gender == "male"


def test_permit_that_opens_another_scheme_is_a_broken_rule(town):
    client = town.register()
    town.house(client, "U1-women")
    fault = refused(town, client, {"residence_basis": ResidenceBasis.DUTCH}, reason=ChangeReason.RESIDENCE)
    assert fault.facts["rules"] == ["scheme"]


def test_child_that_is_born_gets_a_free_bed_of_the_room(town):
    client = town.register([MOTHER, PersonInput(F, 4)])
    town.house(client, "U2-family")
    assert seats(town, client) == {"R3": (2, 3)}
    change(town, client, persons=[MOTHER, PersonInput(F, 4), CHILD], reason=ChangeReason.BIRTH)
    assert seats(town, client) == {"R3": (3, 3)}
    assert persons(town, client) == [(F, 30), (F, 4), (F, 0)]


def test_child_born_in_a_full_room_is_stored_without_a_bed(town):
    client = town.register([MOTHER, PersonInput(F, 4), PersonInput(F, 6)])
    town.house(client, "U2-family")
    household = [MOTHER, PersonInput(F, 4), PersonInput(F, 6), CHILD]
    assert refused(town, client, persons=household, reason=ChangeReason.BIRTH).facts["rules"] == ["rooms"]
    stored = change(town, client, persons=household, reason=ChangeReason.BIRTH, confirm=True)
    assert (stored.breaks, seats(town, client)) == (["rooms"], {"R3": (3, 3)})
    assert "rooms" in broken_now(town, client)


def test_bed_is_free_again_after_a_person_left(town):
    client = town.register([(F, 30), (F, 40)])
    town.house(client, "U1-women")
    before = sum(town.room(room).vacancy.free_now for room in ("R1", "R2"))
    change(town, client, persons=[PersonInput(F, 40)], reason=ChangeReason.DEATH)
    assert sum(town.room(room).vacancy.free_now for room in ("R1", "R2")) == before + 1
    assert sum(seated for seated, _ in seats(town, client).values()) == 1


def test_person_more_takes_a_bed_that_is_kept_for_no_other(town):
    client, other = town.register(), town.register()
    town.house(client, "U1-women")
    room = next(iter(seats(town, client)))
    town.full("R2")
    town.house(other, "U1-women")
    stored = change(town, client, persons=[PersonInput(F, 30), PersonInput(F, 25)], confirm=True)
    claims = [claim.bed_id for case in (client, other) for claim in town.claims(case) if claim.ends_on is None]
    assert (stored.breaks, len(claims)) == (["rooms"], len(set(claims)))
    assert seats(town, client) == {room: (1, 1)}


def test_person_without_a_bed_breaks_a_rule_in_a_unit_with_one(town):
    client = town.register([(F, 30)])
    town.house(client, "U4-crisis")
    couple = [PersonInput(F, 30), PersonInput(F, 40)]
    assert refused(town, client, persons=couple).facts["rules"] == ["rooms"]
    change(town, client, persons=couple, confirm=True)
    assert broken_now(town, client) == ["rooms"]


def test_client_in_need_of_a_private_room_keeps_the_whole_room(town):
    client = town.register()
    town.house(client, "U1-women")
    room = next(iter(seats(town, client)))
    beds = len(town.room(room).beds)
    change(town, client, {"private_room": True}, reason=ChangeReason.CARE)
    assert seats(town, client) == {room: (1, beds)}
    assert town.room(room).vacancy.free_now == 0


def test_household_taken_over_in_a_shared_room_goes_on_sharing(town):
    given = {"rooms": [RoomTaken("R3", shared=True)]}
    stay = town.take_over("U2-family", "R3", persons=[(F, 30), (F, 4)], given=given)
    client = town.one("stay", stay).registration_id
    change(town, client, {"preferred_needs": [Specialism.MEDICAL]})
    assert seats(town, client) == {"R3": (2, 2)}


def test_need_of_a_private_room_beside_another_breaks_a_rule(town):
    town.full("R2")
    client, other = town.register(), town.register()
    for one in (client, other):
        town.house(one, "U1-women")
    assert refused(town, client, {"private_room": True}).facts["rules"] == ["rooms"]


def test_change_long_after_the_first_day_is_checked_as_before(town):
    client = town.register([MOTHER, PersonInput(F, 4), PersonInput(F, 6)])
    town.house(client, "U2-family")
    town.later(days=40)
    assert change(town, client, {"preferred_needs": [Specialism.MEDICAL]}).breaks == []
    household = [MOTHER, PersonInput(F, 4), PersonInput(F, 6), CHILD]
    assert refused(town, client, persons=household, reason=ChangeReason.BIRTH).facts["rules"] == ["rooms"]


def test_persons_sent_again_keep_their_beds(town):
    client = town.register([(F, 30), (F, 40), (F, 50)])
    town.house(client, "U1-women")
    before = {claim.person_id: claim.bed_id for claim in town.claims(client)}
    change(town, client, {"high_care": True}, persons=[PersonInput(F, age) for age in (30, 40, 50)])
    assert {claim.person_id: claim.bed_id for claim in town.claims(client)} == before
    change(town, client, persons=[PersonInput(F, 30), PersonInput(F, 50)], reason=ChangeReason.LEAVES)
    after = {claim.person_id: claim.bed_id for claim in town.claims(client) if claim.ends_on is None}
    assert after == {f"{client}/1": before[f"{client}/1"], f"{client}/2": before[f"{client}/3"]}


@pytest.mark.wide
def test_stay_ends_after_a_bed_of_it_went_to_another_client(town):
    client = town.register([(F, 30), (F, 40)])
    stay = town.house(client, "U1-women")
    town.full("R2")
    town.later(days=3)
    change(town, client, persons=[PersonInput(F, 30)], reason=ChangeReason.LEAVES)
    other = town.register()
    town.house(other, "U1-women")
    town.later(days=3)
    town.end(stay)
    ended = sorted(claim.ends_on for claim in town.claims(client))
    assert (ended[-1] - ended[0]).days == 3


def test_waiting_decision_takes_a_bed_for_a_person_more(town):
    client = town.register([(F, 30)], actor=COORDINATOR)
    decision = town.decide_on(client, "U1-women", actor=COORDINATOR)
    town.do(fact_changes.change, client, town.registration(client).version, {}, actor=COORDINATOR,
            reason=ChangeReason.JOINS, persons=[PersonInput(F, 30), PersonInput(F, 40)], confirm=True)  # fmt: skip
    town.do(decisions.answer_decision, decision.id, granted=True, actor=DESK)
    assert sum(seated for seated, _ in seats(town, client).values()) == 2


def test_software_confirms_no_broken_rule_about_danger(town):
    client = town.register()
    town.house(client, "U1-women")
    key = replace(COORDINATOR, session_id=None)
    with pytest.raises(NotAllowed, match="sign_in_needed"):
        change(town, client, actor=key, reason=ChangeReason.NEW_DANGER, threats=NEAR, confirm=True)


def test_broken_rule_is_forgotten_with_a_new_place(town):
    client = town.register()
    stay = town.house(client, "U1-women")
    change(town, client, threats=NEAR, confirm=True)
    town.end(stay, "moved_for_safety")
    town.house(client)
    assert (town.registration(client).breaks, broken_now(town, client)) == ([], [])


# The history


def history(town, client, *, actor=COORDINATOR):
    return town.do(fact_history.history, client, actor=actor)


def erase(town, client, stored, *, verified_ago=timedelta()):
    desk = replace(DESK, verified_at=town.at - verified_ago)
    town.do(fact_erasure.erase_change, client, stored.id, actor=desk)


def test_history_has_before_and_after_newest_first(town):
    client = town.register()
    change(town, client, {"high_care": True})
    town.house(client)
    town.later(hours=1)
    change(town, client, threats=NEAR, reason=ChangeReason.NEW_DANGER, text="Gezien bij het station", confirm=True)
    newest, first = (one.change for one in history(town, client))
    assert (newest.reason, newest.text, newest.by, newest.at) == (
        ChangeReason.NEW_DANGER, "Gezien bij het station", COORDINATOR.id, town.at,
    )  # fmt: skip
    assert (newest.before, newest.after["threats"][0]["place"]) == ({"threats": []}, "Alkmaar")
    assert (first.before, first.after) == ({"high_care": False}, {"high_care": True})


def test_history_says_why_a_waiting_client_changed_too(town):
    client = town.register(actor=COORDINATOR)
    change(town, client, threats=NEAR, reason=ChangeReason.NEW_DANGER, text="een broer")
    assert [(one.change.reason, one.change.text) for one in history(town, client)] == [("new_danger", "een broer")]


def test_history_names_no_other_client(town):
    client, other, avoided = town.register(), town.register(), AvoidedInput(AvoidedKind.UNIT, "U1-women")
    change(town, client, keep_apart=[other], stay_with=[town.register()], avoided=[avoided])
    [one] = history(town, client)
    assert one.change.before == one.change.after == dict.fromkeys(("keep_apart", "stay_with", "avoided"))


def test_change_to_the_same_facts_leaves_no_history(town):
    client = town.register()
    change(town, client, {"high_care": False})
    assert history(town, client) == []


def test_parts_that_stay_as_they_were_are_no_change(town):
    client = town.register()
    change(town, client, {"high_care": True}, keep_apart=[], stay_with=[], avoided=[], threats=[], reach=[])
    assert set(history(town, client)[0].change.after) == {"high_care"}


def test_draft_has_no_history(town):
    client = town.register(draft=True)
    change(town, client, {"high_care": True}, reason=None)
    assert history(town, client) == []


def test_reading_the_history_is_an_audit_event(town):
    client = town.register()
    history(town, client)
    assert [event.registration_id for event in logged(town, event="history:read")] == [client]


def test_erased_change_is_unreadable_and_its_key_destroyed(town):
    client = town.register()
    change(town, client, {"alias": "Merel"})
    [stored] = town.all(select(FactChange))
    erase(town, client, stored)
    [row] = town.all(select(FactChange))
    assert (row.content, history(town, client)[0].change) == (None, None)
    assert town.one("datakey", stored.key).destroyed_at == town.at
    with pytest.raises(Conflict, match="already_erased"):
        erase(town, client, stored)
    [event] = logged(town, event="history:erased")
    assert (event.registration_id, event.object_id) == (client, stored.id)


def test_change_is_not_erased_without_a_fresh_second_factor(town):
    client = town.register()
    change(town, client, {"alias": "Merel"})
    [stored] = town.all(select(FactChange))
    with pytest.raises(NotAllowed, match="second_factor_needed"):
        erase(town, client, stored, verified_ago=timedelta(minutes=5))
    assert history(town, client)[0].change.after == {"alias": "Merel"}


def test_change_of_another_case_cannot_be_erased(town):
    client, other = town.register(), town.register()
    change(town, client, {"high_care": True})
    [stored] = town.all(select(FactChange))
    with pytest.raises(NotFound):
        erase(town, other, stored)


def test_change_under_a_legal_hold_cannot_be_erased(town):
    client = town.register()
    change(town, client, {"high_care": True})
    [stored] = town.all(select(FactChange))
    town.do(legal_hold.ask, client, "criminal_case", town.at.date().replace(year=town.at.year + 1))
    town.do(second_person.answer_about, client, granted=True, actor=OTHER_DESK)
    assert town.do(legal_hold.newest_of, client).status is LegalHoldStatus.STANDING
    with pytest.raises(Conflict, match="legal_hold_stands"):
        erase(town, client, stored)


def test_changes_have_one_length_in_the_store(town):
    client = town.register()
    town.house(client)
    change(town, client, {"alias": "Merel"})
    change(town, client, {"alias": "Specht"}, reason=ChangeReason.OTHER, text="een lang verhaal " * 60)
    with town.database.engine.connect() as connection:
        lengths = connection.execute(text("SELECT length(content) FROM factchange")).scalars().all()
    assert (len(lengths), len(set(lengths))) == (2, 1)


def test_every_change_has_a_key_of_its_own(town):
    client = town.register()
    for high_care in (True, False, True):
        change(town, client, {"high_care": high_care})
    changes = {row.key for row in town.all(select(FactChange))}
    assert len(changes) == 3
    assert changes <= {row.owner for row in town.all(select(DataKey))}
