"""The journey of `docs/guide/journey.md` with a client generated from the description: `test_client.py` runs it.

Every answer has a type of the client. The journey fails if the description is incomplete or wrong.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from os import environ
from pathlib import Path
from typing import TypeVar

import pyotp
from placement_client import AuthenticatedClient, Client
from placement_client.api.capacity import read_capacity, read_country, report_capacity, report_room
from placement_client.api.holds import answer_hold, list_holds, read_hold, report_arrival
from placement_client.api.proposals import confirm_decision, decide_on_proposal, make_proposal
from placement_client.api.registrations import create_access_grant, create_registration, read_registration
from placement_client.api.sign_in import exchange_key, submit_code, submit_password
from placement_client.api.stays import end_stay
from placement_client.models import (
    AccessGrantIn,
    AccessGrantOut,
    Answer,
    AnswerIn,
    ArrivalIn,
    BegunOut,
    CapacityIn,
    CapacityOut,
    ChallengeOut,
    CodeIn,
    ConfirmationIn,
    CountryOut,
    DecisionIn,
    DecisionKind,
    DecisionOut,
    Driver,
    EndIn,
    FieldProblem,
    Gender,
    HoldOut,
    HoldPage,
    HoldStatus,
    KeyIn,
    LanguageLevel,
    OutOfServiceIn,
    PasswordIn,
    PersonIn,
    Problem,
    ProposalOut,
    Region,
    Registrant,
    RegistrationIn,
    RegistrationOut,
    ReportedOut,
    ResidenceBasis,
    RoomCountPatch,
    Specialism,
    SpokenLanguage,
    StayOut,
    ThreatIn,
    TokenOut,
    UnitOut,
)

BASE = f"{environ['BASE']}/api/v1"
CREDENTIALS = json.loads((Path(environ["PLACEMENT_VAR"]) / "demo-credentials.json").read_text())
ENGLISH = {"Accept-Language": "en"}
"""Given as a copy: the client writes its token into the dictionary that it gets."""

FULL, MINOR, BUSY = "R-YMG7-WXXT-RNJ3", "R-KW9P-VRJG-9JP2", "R-MKT5-C3F4-EXV6"
"""Registrations of the synthetic country, as the page names them."""

Kind = TypeVar("Kind")


def expect_type(kind: type[Kind], answer: object) -> Kind:
    """Returns the answer, which must be of this type."""
    assert isinstance(answer, kind), answer
    return answer


def refused(answer: object, status: int) -> Problem:
    found = expect_type(Problem, answer)
    assert (found.status, found.type_.partition("problem:")[1]) == (status, "problem:"), found
    return found


def fields_of(found: Problem) -> list[str]:
    return [expect_type(FieldProblem, error).field for error in found.errors or []]


def sign_in(email: str) -> AuthenticatedClient:
    """Signs in a user with a password and a code; every request then has the cookie and the token for writes."""
    [person] = [one for one in CREDENTIALS["people"] if one["email"] == email]
    nobody = Client(BASE, headers=dict(ENGLISH))
    password = PasswordIn(email=email, password=person["password"])
    challenge = expect_type(ChallengeOut, submit_password.sync(client=nobody, body=password)).challenge
    code = CodeIn(challenge=challenge, code=pyotp.TOTP(person["totp_secret"]).now())
    begun = expect_type(BegunOut, submit_code.sync(client=nobody, body=code))
    return AuthenticatedClient(
        BASE,
        token=begun.csrf_token,
        auth_header_name="X-CSRF-Token",
        prefix="",
        headers=dict(ENGLISH),
        cookies=dict(nobody.get_httpx_client().cookies),
        raise_on_unexpected_status=True,
    )


def use_key(shelter_id: str) -> AuthenticatedClient:
    """Returns a client for the software of a shelter."""
    [shelter] = [one for one in CREDENTIALS["shelters"] if one["shelter_id"] == shelter_id]
    token = expect_type(TokenOut, exchange_key.sync(client=Client(BASE), body=KeyIn(shelter["api_key"])))
    return AuthenticatedClient(BASE, token=token.token, headers=dict(ENGLISH), raise_on_unexpected_status=True)


def a_shelter_reports(software: AuthenticatedClient) -> None:
    known = expect_type(CapacityOut, read_capacity.sync("S02", client=software))
    as_read = CapacityIn.from_dict(known.to_dict())
    found = expect_type(ReportedOut, report_capacity.sync("S02", client=software, body=as_read))
    assert (found.freshness, found.free_now, found.discrepancies, found.missing) == ("fresh", 1, [], [])
    broken = RoomCountPatch(out_of_service=OutOfServiceIn(9))
    problem = refused(report_room.sync("S02", as_read.rooms[0].room, client=software, body=broken), 400)
    assert fields_of(problem) == ["out_of_service.beds"]


def a_client_is_registered(coordinator: AuthenticatedClient) -> str:
    body = RegistrationIn(
        region=Region.AMSTERDAM,
        registrant=Registrant.ZORGCOORDINATIE,
        residence_basis=ResidenceBasis.REFLECTION,
        urgency=1,
        persons=[PersonIn(Gender.FEMALE, 24)],
        languages=[SpokenLanguage("en", LanguageLevel.FLUENT)],
        needs=[Specialism.PREGNANCY],
        threats=[ThreatIn(place="Rotterdam", min_km=40)],
    )
    made = expect_type(RegistrationOut, create_registration.sync(client=coordinator, body=body, idempotency_key="once"))
    again = expect_type(
        RegistrationOut, create_registration.sync(client=coordinator, body=body, idempotency_key="once")
    )
    assert (again.id, made.status, made.entitlement.schemes) == (made.id, "open", ["cosm", "crisis"])
    return made.id


def a_place_is_proposed_and_decided(who: str, coordinator: AuthenticatedClient, desk: AuthenticatedClient) -> None:
    proposal = expect_type(ProposalOut, make_proposal.sync(who, client=coordinator))
    chosen = expect_type(UnitOut, proposal.chosen)
    assert (proposal.engine.status, chosen.unit, chosen.region) == ("optimal", "S02-L1-U1", "oost-brabant")
    [other] = [one for one in proposal.others if one.unit == "S18-L1-U1"]
    assert "missing here: pregnancy care" in [why.words for why in other.broken]
    accept = DecisionIn(DecisionKind.ACCEPT)
    decision = expect_type(DecisionOut, decide_on_proposal.sync(proposal.id, client=coordinator, body=accept))
    assert decision.status == "waiting_for_desk"
    final = expect_type(DecisionOut, confirm_decision.sync(decision.id, client=desk, body=ConfirmationIn(granted=True)))
    assert (final.status, bool(final.hold)) == ("final", True)


def the_shelter_answers(who: str, software: AuthenticatedClient, coordinator: AuthenticatedClient) -> None:
    waiting = expect_type(HoldPage, list_holds.sync(client=software, status=HoldStatus.WAITING_FOR_SHELTER))
    hold = expect_type(HoldOut, read_hold.sync(waiting.items[0].id, client=software))
    assert ([(one.gender, one.age) for one in hold.persons], hold.needs) == ([("female", 24)], ["pregnancy"])
    confirm = AnswerIn(Answer.CONFIRM, driver=Driver.REGISTRANT, expected_at=hold.offered_times[0])
    refused(answer_hold.sync(hold.id, client=software, body=confirm), 403)
    staff = sign_in("staff-s02@placement.example")
    assert expect_type(HoldOut, answer_hold.sync(hold.id, client=staff, body=confirm)).status == "confirmed"
    stay = expect_type(StayOut, report_arrival.sync(hold.id, client=software, body=ArrivalIn()))
    assert (stay.status, stay.unit, stay.day) == ("in_house", "S02-L1-U1", 1)
    assert expect_type(RegistrationOut, read_registration.sync(who, client=coordinator)).status == "placed"
    ended = expect_type(StayOut, end_stay.sync(stay.id, client=staff, body=EndIn("own_housing")))
    assert (ended.status, ended.end_reason) == ("ended", "own_housing")
    closed = expect_type(RegistrationOut, read_registration.sync(who, client=coordinator))
    assert (closed.status, closed.closed_reason) == ("closed", "own_housing")


def another_unit_is_chosen(coordinator: AuthenticatedClient) -> None:
    proposal = expect_type(ProposalOut, make_proposal.sync(BUSY, client=coordinator))
    assert expect_type(UnitOut, proposal.chosen).unit == "S17-L1-U1"
    assert [(one.unit, one.cost.points) for one in proposal.alternatives] == [("S18-L1-U1", 288)]
    override = DecisionIn(DecisionKind.OVERRIDE, unit="S18-L1-U1")
    assert fields_of(refused(decide_on_proposal.sync(proposal.id, client=coordinator, body=override), 400)) == [
        "reason"
    ]
    override.reason = "travel_or_reachability"
    decision = expect_type(DecisionOut, decide_on_proposal.sync(proposal.id, client=coordinator, body=override))
    assert (decision.status, decision.unit, decision.loss, decision.displaced) == ("final", "S18-L1-U1", 288, 0)


def the_shelter_refuses(coordinator: AuthenticatedClient) -> None:
    staff = sign_in("staff-s18@placement.example")
    waiting = expect_type(HoldPage, list_holds.sync(client=staff, status=HoldStatus.WAITING_FOR_SHELTER))
    refuse = AnswerIn(Answer.REFUSE, reason="no_capacity")
    assert expect_type(HoldOut, answer_hold.sync(waiting.items[0].id, client=staff, body=refuse)).status == "refused"
    rooms = expect_type(CapacityOut, read_capacity.sync("S18", client=staff))
    assert (rooms.free_now, sum(room.withheld for room in rooms.rooms)) == (0, 1)
    waits = expect_type(RegistrationOut, read_registration.sync(BUSY, client=coordinator))
    avoided = [(one.kind, one.target, one.reason) for one in waits.avoided]
    assert (waits.status, avoided) == ("open", [("unit", "S18-L1-U1", "no_capacity")])


def a_hold_expires(coordinator: AuthenticatedClient) -> None:
    proposal = expect_type(ProposalOut, make_proposal.sync(BUSY, client=coordinator))
    accept = DecisionIn(DecisionKind.ACCEPT)
    assert (
        expect_type(DecisionOut, decide_on_proposal.sync(proposal.id, client=coordinator, body=accept)).status
        == "final"
    )
    later = (datetime.now(UTC) + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    subprocess.run(
        [sys.executable, "-m", "placement", "jobs", "expire_holds", "--as-of", later], check=True, capture_output=True
    )
    assert expect_type(RegistrationOut, read_registration.sync(BUSY, client=coordinator)).status == "open"
    holds = expect_type(HoldPage, list_holds.sync(client=coordinator, registration=BUSY))
    assert [one.status for one in holds.items] == ["expired", "refused"]


def nobody_can_take_them(desk: AuthenticatedClient) -> None:
    nowhere = expect_type(ProposalOut, make_proposal.sync(FULL, client=desk))
    assert nowhere.chosen is None
    assert nowhere.nobody
    refused(make_proposal.sync(MINOR, client=desk), 409)  # a late task has opened the case to the desk
    opened = expect_type(
        AccessGrantOut, create_access_grant.sync(MINOR, client=desk, body=AccessGrantIn("record_check"))
    )
    assert (opened.reason, opened.broke_glass) == ("record_check", False)
    refused(make_proposal.sync(MINOR, client=desk), 409)


def main() -> None:
    desk = sign_in("desk-1@placement.example")
    amsterdam = sign_in("coordinator-amsterdam@placement.example")
    rotterdam = sign_in("coordinator-rotterdam@placement.example")
    software = use_key("S02")
    country = expect_type(CountryOut, read_country.sync(client=desk))
    assert (len(country.shelters), country.beds) == (19, 158)
    a_shelter_reports(software)
    who = a_client_is_registered(amsterdam)
    a_place_is_proposed_and_decided(who, amsterdam, desk)
    the_shelter_answers(who, software, amsterdam)
    another_unit_is_chosen(rotterdam)
    the_shelter_refuses(rotterdam)
    a_hold_expires(rotterdam)
    nobody_can_take_them(desk)


if __name__ == "__main__":
    main()
