"""A request of each kind for a second person, with its persons and its effect."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import api.v1.routes  # noqa: F401 - declares what a key can ask for
from placement.accounts import approvals, invitations, key_rotations
from placement.core.codes import DecisionStatus, LegalHoldStatus, OrganisationKind, Role
from placement.core.consent_codes import ErasureGround
from placement.core.context import Actor
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.core.place_codes import ChangeKind
from placement.core.rule_codes import RuleKind
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.dated_rules.lookup import granted
from placement.dated_rules.values import SafetyDistanceValue
from placement.leave import requests as leaving
from placement.leave.requests import Wanted
from placement.registrations import registrations
from placement.retention import case_erasure, legal_hold
from placement.rule_changes import changes
from placement.second_person import requests
from placement.shelters import change_requests, key_requests
from placement.tables import SecondPersonRequest
from tests.support import odd_addresses, second_person
from tests.support.accounts import organisation
from tests.support.counts import ANALYST, OTHER_ANALYST, is_released, release_asked
from tests.support.exchange.closings import closed_rooms, import_asked
from tests.support.town import ADMIN, COORDINATOR, DESK, OTHER_DESK, TODAY, shelter

OTHER_ADMIN = replace(ADMIN, id="A-other-admin")
AUDITOR = Actor("A-auditor", Role.AUDITOR, session_id="Z")
SOFTWARE = Actor("S1", Role.SHELTER, shelter_id="S1", scopes=frozenset({"register"}), key_id="K-1")
RENAMED = {"path": {"unit_id": "U1-women"}, "version": 1, "body": {"name": "Huis"}}
ADDRESS = "Nieuwstraat 5"


def fresh(town, actor):
    return replace(actor, verified_at=town.at)


def invitation(town):
    where = town.do(lambda act: organisation(act.session, act.at, act.settings, OrganisationKind.OVERSIGHT))
    return town.do(approvals.to_invite, "nieuw@x.example", Role.AUDITOR, [], where, actor=ADMIN)


def hold(town):
    client = town.register()
    town.do(legal_hold.ask, client, "complaint", TODAY + timedelta(days=90))
    return town.do(newest, SecondPersonKind.LEGAL_HOLD)


def lifting(town):
    asked = hold(town)
    town.do(second_person.grant, asked.id, actor=OTHER_DESK)
    town.do(legal_hold.lift, asked.registration_id)
    return town.do(newest, SecondPersonKind.LIFTING)


def leave(town):
    return town.do(leaving.ask, Wanted(LeaveKind.DESTROY_KEYS, LeaveReason.LEAVING, "-"), actor=fresh(town, DESK))


def rule(town):
    change = changes.Change(RuleKind.SAFETY_DISTANCE, "default", SafetyDistanceValue(km=60), "-", "-", TODAY)
    return town.do(changes.ask, change, "-")


def override(town):
    client = town.register(needs=["psychiatric"], actor=COORDINATOR)
    town.override(town.propose(client), "U1-women")
    return town.do(newest, SecondPersonKind.DECISION)


def erasure(town):
    client = town.register()
    town.do(registrations.close, client, "withdraws_consent")
    return town.do(case_erasure.ask, client, ErasureGround.OBJECTION, actor=fresh(town, DESK))


def newest(act, kind):
    found = requests.select(SecondPersonRequest).where(SecondPersonRequest.kind == kind)
    return act.session.exec(found.order_by(SecondPersonRequest.asked_at.desc())).first()


def hold_status(town, request):
    return town.do(legal_hold.newest_of, request.registration_id).status


@dataclass(frozen=True)
class Case:
    """One kind in a test. `done`: what the grant has changed."""

    kind: SecondPersonKind
    ask: Callable[[Any], Any]
    done: Callable[[Any, Any], Any]
    before: Any
    after: Any
    first: Actor = DESK
    second: Actor = OTHER_DESK
    address: str | None = None
    number: str | None = None


def invited(town, _):
    return town.do(lambda act: act.session.exec(invitations.active(act.at)).first() is not None)


def is_to_do(town, request):
    return town.do(lambda act: act.session.get(SecondPersonRequest, request.id).status is SecondPersonStatus.GRANTED)


CASES = {
    one.kind: one
    for one in (
        Case(SecondPersonKind.ACCOUNT, invitation, invited, False, True, ADMIN, OTHER_ADMIN),
        Case(
            SecondPersonKind.KEYS,
            lambda town: town.do(key_rotations.ask, actor=fresh(town, ADMIN)),
            is_to_do,
            *(False, True, ADMIN, OTHER_ADMIN),
        ),
        Case(SecondPersonKind.LEAVE, leave, is_to_do, False, True),
        Case(
            SecondPersonKind.RULE,
            rule,
            lambda town, _: town.do(lambda act: granted(act.session, RuleKind.SAFETY_DISTANCE)[-1].value["km"]),
            *(50, 60),
        ),
        Case(
            SecondPersonKind.UNIT,
            lambda town: town.do(
                change_requests.change, ChangeKind.CHANGE_UNIT, "U1-women", 1, {"name": "Huis"}, actor=shelter("S1")
            ),
            lambda town, _: town.one("unit", "U1-women").name,
            *("U1-women", "Huis", shelter("S1")),
        ),
        Case(
            SecondPersonKind.ADDRESS,
            lambda town: town.do(change_requests.ask_for_address, "L1", ADDRESS),
            lambda town, _: town.one("location", "L1").address,
            *("Geheimstraat 1", ADDRESS),
            address=ADDRESS,
        ),
        Case(
            SecondPersonKind.REGISTER,
            lambda town: town.do(key_requests.ask, "change_unit", RENAMED, actor=SOFTWARE),
            lambda town, _: town.one("unit", "U1-women").name,
            *("U1-women", "Huis", SOFTWARE),
        ),
        Case(SecondPersonKind.LEGAL_HOLD, hold, hold_status, LegalHoldStatus.ASKED, LegalHoldStatus.STANDING),
        Case(SecondPersonKind.LIFTING, lifting, hold_status, LegalHoldStatus.LIFT_ASKED, LegalHoldStatus.LIFTED),
        Case(SecondPersonKind.IMPORT, import_asked, lambda town, _: len(closed_rooms(town)), 0, 11),
        Case(
            SecondPersonKind.DECISION,
            override,
            lambda town, request: town.one("decision", request.about).status,
            *(DecisionStatus.WAITING_FOR_SECOND, DecisionStatus.FINAL),
        ),
        Case(SecondPersonKind.COUNTS, release_asked, is_released, False, True, ANALYST, OTHER_ANALYST),
        Case(
            SecondPersonKind.DISCLOSURE,
            odd_addresses.asked,
            odd_addresses.is_disclosed,
            *(False, True, DESK, OTHER_DESK),
            number=odd_addresses.NUMBER,
        ),
        Case(
            SecondPersonKind.ERASURE,
            erasure,
            lambda town, request: town.registration(request.registration_id).anonymised_at is not None,
            *(False, True),
        ),
        Case(SecondPersonKind.RELEASE, second_person.ask_release, second_person.is_stopped, True, False, DESK, ADMIN),
    )
}
AFTER_NO = {
    SecondPersonKind.LEGAL_HOLD: {
        SecondPersonStatus.REFUSED: LegalHoldStatus.REFUSED,
        SecondPersonStatus.WITHDRAWN: LegalHoldStatus.WITHDRAWN,
        SecondPersonStatus.LAPSED: LegalHoldStatus.LAPSED,
    },
    SecondPersonKind.LIFTING: dict.fromkeys(SecondPersonStatus, LegalHoldStatus.STANDING),
    SecondPersonKind.DECISION: {SecondPersonStatus(one): DecisionStatus(one) for one in ("refused", "withdrawn")},
}
"""Remains of a request that was not granted, of kinds that leave something else than was there before."""
