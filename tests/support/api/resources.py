"""Things of every kind, own and foreign, for each role: the matrix of rights asks for them."""

from datetime import date, timedelta
from typing import Any

from sqlmodel import select

from placement.access.permissions import Permission
from placement.core.codes import MessageKind, MessageStatus, Role
from placement.core.context import SYSTEM, Act
from placement.core.ids import new_id
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.core.practice_codes import SceneCode
from placement.core.reason_codes import LEFT_UNKNOWN
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.core.telephone_codes import Heard, TelephoneUse
from placement.outbox import outbox
from placement.reports import store as report_store
from placement.tables import Decision, Hold, Location, Provider, Registration, SecondPersonRequest, Stay, TelephoneEntry
from placement.tables.telephone import EntryContent
from tests.support.api.bodies import AGE_RECIPIENT, BODIES, CONFIRM
from tests.support.api.callers import verify
from tests.support.api.service import AT, Browser, Caller, Service, somebody
from tests.support.audit_log import anomaly
from tests.support.authenticator import device_row, passkey_row
from tests.support.counts import OF_A_RELEASE, made_release, recorded
from tests.support.events import events_of
from tests.support.exchange.imports import imports_of
from tests.support.help_desk import help_desk_things
from tests.support.messages import settle_all
from tests.support.registrants import sent_and_linked
from tests.support.second_person import asked_by_another

OWN, FOREIGN, NONE = "own", "foreign", "none"
DAY = AT.date()
NO_DAY = DAY - timedelta(days=1)
"""A day with a report; a day without a report, between two days that have a report."""

PARAMETERS = {
    "registration_id": "registration", "proposal_id": "proposal", "hold_id": "hold", "stay_id": "stay",
    "decision_id": "decision", "shelter_id": "shelter", "unit_id": "unit", "avoidance_id": "avoidance",
    "key_id": "key", "session_id": "session", "invitation_id": "invitation", "account_id": "account",
    "oddity_id": "oddity", "message_id": "message", "webhook_id": "webhook", "day": "day", "provider_id": "provider",
    "location_id": "location", "room_id": "room", "request_id": "second_person", "fact_change_id": "fact_change",
    "on_call_id": "on_call", "mandate_id": "mandate", "entry_id": "entry", "absence_id": "absence",
    "passkey_id": "passkey", "organisation_id": "organisation", "rule_id": "rule", "rule_change_id": "rule_change",
    "search_number": "search", "device_id": "device", "area_code": "area", "municipality": "municipality",
    "unit_code": "registrant_unit", "sent_id": "sent", "question_id": "question", "reference": "count",
    "release_id": "count_release", "enquiry_id": "enquiry", "knowledge_id": "knowledge", "scene": "scene",
    "event_id": "event", "member_id": "event_member", "import_id": "import", "record_id": "import_record",
}  # fmt: skip
CASES = ("registration", "proposal", "hold", "stay", "avoidance", "fact_change", "missing")
SEARCH = "1"
"""The number of the only search of a client who is missing."""


def things_of(service: Service, callers: dict[Role, Browser | Caller]) -> dict[tuple[str, Role, str], str]:
    """Ids by kind, role and whose. What is the coordinator's is foreign to the desk, and the other way round."""
    service.close_all()
    confirm_counts(service)
    own_rows, theirs = _case(service, service.coordinator, "amsterdam"), _case(service, service.second, "den-haag")
    # A legal hold that waits is a task of the desk, and opens the case to it: that of the other case is withdrawn.
    asker = service.session_of(service.second.account)
    asker.made(f"/registrations/{own_rows['registration']}/legal-hold", BODIES["LegalHoldIn"])
    _withdraw_what_waits(service)
    asker.made(f"/registrations/{theirs['registration']}/legal-hold", BODIES["LegalHoldIn"])
    own: dict[tuple[str, Role], tuple[str, str]] = {}
    for kind in CASES:
        own[kind, Role.COORDINATOR] = own_rows[kind], theirs[kind]
        own[kind, Role.DESK] = theirs[kind], own_rows[kind]
    # While a client is missing the desk sees the case, whosever it is.
    own["missing", Role.DESK] = theirs["missing"], own_rows["known_again"]
    for role in (Role.SHELTER, Role.SHELTER_STAFF):
        own["shelter", role], own["unit", role] = ("S01", "S02"), ("S01-L1-U1", "S02-L1-U1")
        own["hold", role] = own_rows["hold"], theirs["hold"]
        own["stay", role] = _stay_in(service, "S01"), _stay_in(service, "S02")
    own["shelter", Role.DESK], own["unit", Role.DESK] = ("S01", "S02"), ("S01-L1-U1", "S02-L1-U1")
    for role in (Role.SHELTER, Role.SHELTER_STAFF, Role.DESK):
        own["location", role], own["room", role] = ("S01-L1", "S02-L1"), ("S01-L1-U1-R01", "S02-L1-U1-R01")
    own["provider", Role.DESK] = _provider(service), _provider(service)
    own |= _of_accounts(service, callers) | help_desk_things(callers)
    sent, linked = sent_and_linked(service, callers[Role.REGISTRANT])
    own["sent", Role.REGISTRANT] = sent[0], linked[0]
    own["sent", Role.DESK], own["question", Role.DESK] = (sent[0], linked[0]), (sent[1], linked[1])
    own.update(imports_of(callers))
    own.update(events_of(callers[Role.DESK], own_rows["registration"], theirs["registration"]))
    verify(service, callers)
    own["on_call", Role.DESK] = _on_call(callers, "2026-12-07"), _on_call(callers, "2026-12-14")
    for role in (Role.DESK, Role.SHELTER_STAFF):
        own["entry", role] = _entry(service, "S01"), _entry(service, "S02")
    mandates = [callers[Role.DESK].post("/mandates", BODIES["MandateIn"]).json() for _ in range(2)]
    own["mandate", Role.DESK] = mandates[0]["id"], mandates[1]["id"]
    own["decision", Role.DESK] = _waiting(service), _waiting(service)
    own["decision", Role.COORDINATOR] = own["decision", Role.DESK][0], _decision_on(service, theirs["hold"])
    own["registration", Role.AUDITOR] = own_rows["registration"], theirs["registration"]
    own["invitation", Role.ADMIN] = _invitation(service, callers, "one"), _invitation(service, callers, "other")
    own["organisation", Role.ADMIN] = "O-amsterdam", "O-oversight"
    own["account", Role.ADMIN] = service.second.account, service.elsewhere.account
    own.update(_of_two_persons(service, callers))
    asked = own["decision", Role.COORDINATOR]
    own["second_person", Role.COORDINATOR] = _override_request(service, asked[0]), _override_request(service, asked[1])
    own["rule_change", Role.DESK] = _rule_change(service, "default"), _rule_change(service, "of_ours")
    own.update(_of_everybody(service))
    others = {Role.DESK: MessageKind.REPORT_MADE, Role.ADMIN: MessageKind.DECISION_WAITS}
    for role, other in others.items():  # the desk gets all messages, an admin gets no message about a client
        own["message", role] = _message(service, MessageKind.REPORT_MADE), _message(service, other)
    centre, own_rows = (_webhook(callers[role]) for role in (Role.ADMIN, Role.SHELTER_STAFF))
    own["webhook", Role.ADMIN], own["webhook", Role.SHELTER_STAFF] = (centre, own_rows), (own_rows, centre)
    for role in (Role.DESK, Role.AUDITOR):
        own["oddity", role] = _oddity(service), _oddity(service)
    own |= _days(service)
    found = {("day", role, NONE): str(NO_DAY) for role in Role}
    found |= {("search", role, whose): SEARCH for role in Role for whose in (OWN, FOREIGN, NONE)}
    found |= {(kind, role, OWN): mine for (kind, role), (mine, _) in own.items()}
    return found | {(kind, role, FOREIGN): others for (kind, role), (_, others) in own.items()}


def _days(service: Service) -> dict[tuple[str, Role], tuple[str, str]]:
    """Makes reports for two days. A day belongs to nobody: a day without a report is the missing thing."""
    with service.database.transaction() as session:
        for day in (DAY - timedelta(days=2), DAY):
            report_store.make(Act(session, SYSTEM, AT, service.country.settings), day)
    roles = Permission.REPORT_READ.reach
    return {("day", role): (str(DAY), str(DAY if role is Role.DESK else NO_DAY)) for role in roles}


def _case(service: Service, caller: Caller, region: str) -> dict[str, str]:
    """Makes three registrations: the first waits with a proposal, the second has a hold and the third a stay. The first
    resembles no case of another region, as that would be a task of the desk, and open the case to it.
    """
    avoided = [{"kind": "region", "target": "limburg"}]
    alone = {"persons": [{"gender": "female", "age": 52 if region == "amsterdam" else 19}], "avoided": avoided}
    waits = caller.made("/registrations", somebody(region=region, **alone))
    path = f"/registrations/{waits['id']}"
    assert caller.ask("PATCH", path, {"high_care": True}, If_Match=f'"{waits["version"]}"').is_success
    room = "S03-L1-U2-R02" if region == "amsterdam" else "S02-L1-U1-R01"
    facts = {"residence_basis": "none_yet"} if region != "amsterdam" else {"needs": ["pregnancy"]}
    held = caller.made("/registrations", somebody(region=region, **facts))
    offered = caller.made(f"/registrations/{held['id']}/proposals")
    decided = caller.made(f"/proposals/{offered['id']}/decision", {"decision": "accept"})
    if decided["status"] == "waiting_for_desk":
        service.desk.made(f"/decisions/{decided['id']}/confirmation", {"granted": True})
    return {
        "registration": waits["id"],
        "avoidance": waits["avoided"][0]["id"],
        "fact_change": caller.get(f"{path}/changes").json()["changes"][0]["id"],
        "proposal": caller.made(f"/registrations/{waits['id']}/proposals")["id"],
        "hold": decided["hold"],
        "missing": _leave(caller, _taken_over(service, room, region=region, **alone)),
        "known_again": _known_again(caller, _stay_of(service, region == "amsterdam")),
        "stay": _stay_of(service, region == "amsterdam"),
    }


def _taken_over(service: Service, room: str, **facts: Any) -> str:
    """Returns the stay of a client who was taken over in this room."""
    where = {"unit": room[: -len("-R01")], "rooms": [{"room": room}], "came_on": str(DAY), "confirm": True}
    made = service.session_of(service.second.account).made("/takeovers", somebody(**where, **facts))
    return str(made["stay"]["id"])


def _leave(caller: Caller, stay: str) -> str:
    """Ends a stay to an unknown destination, and returns the case, whose client is missing."""
    return str(caller.made(f"/stays/{stay}/end", {"reason": LEFT_UNKNOWN})["registration"])


def _known_again(caller: Caller, stay: str) -> str:
    """Returns the case of a client who was missing, and lives there again."""
    case = _leave(caller, stay)
    caller.made(f"/registrations/{case}/whereabouts/{SEARCH}/returned")
    return case


def _withdraw_what_waits(service: Service) -> None:
    asker = service.session_of(service.second.account)
    for asked in asker.get("/second-person-requests").json()["items"]:
        asker.made(f"/second-person-requests/{asked['id']}/withdraw")


def _waiting(service: Service) -> str:
    """Returns a decision in COSM that waits for the desk."""
    client = service.coordinator.made("/registrations", somebody(urgency=2))["id"]
    offered = service.coordinator.made(f"/registrations/{client}/proposals")
    unit = {} if offered["chosen"] else {"unit": "S01-L1-U2", "reason": "client_preference"}
    body = {"decision": "override" if unit else "accept", **unit}
    return str(service.coordinator.made(f"/proposals/{offered['id']}/decision", body)["id"])


def _decision_on(service: Service, hold: str) -> str:
    """Returns the decision of a hold in another region."""
    with service.database.transaction() as session:
        return session.get_one(Hold, hold).decision_id


def _stay_of(service: Service, amsterdam: bool) -> str:
    query = select(Stay.id).join(Registration).where((Registration.region == "amsterdam") == amsterdam)
    with service.database.transaction() as session:
        return str(session.exec(query.where(Stay.status == "in_house").order_by(Stay.id)).first())


def _stay_in(service: Service, shelter: str) -> str:
    query = select(Stay).where(Stay.status == "in_house").order_by(Stay.id)
    with service.database.transaction() as session:
        return next(stay.id for stay in session.exec(query) if stay.unit_id.startswith(shelter))


def _key(caller: Browser | Caller, role: Role | None = None) -> str:
    scopes = {"scopes": ["registration:send"]} if role is Role.REGISTRANT else {}
    return str(caller.post("/keys", {**BODIES["NewKeyIn"], **scopes}).json()["id"])


def _of_accounts(service: Service, callers: dict[Role, Browser | Caller]) -> dict[tuple[str, Role], tuple[str, str]]:
    """Things that belong to an account."""
    own: dict[tuple[str, Role], tuple[str, str]] = {}
    for role, caller in callers.items():
        if isinstance(caller, Browser):
            other = Role.READER if role is not Role.READER else Role.AUDITOR
            own["key", role] = _key(caller, role), _key(callers[other])
            of = [one.get("/session").json()["account"] for one in (caller, callers[other])]
            own["passkey", role] = _row(service, passkey_row(of[0], AT)), _row(service, passkey_row(of[1], AT))
            own["device", role] = _row(service, device_row(of[0], DAY)), _row(service, device_row(of[1], DAY))
            if role in Permission.ABSENCE_CHANGE.reach:
                own["absence", role] = _absence(caller), _absence(callers[other])
            sessions = [one.get("/session").json() for one in (service.signed_in(role), callers[other])]
            own["session", role] = sessions[0]["session"], sessions[1]["session"]
    return own


def _row(service: Service, row: Any) -> str:
    with service.database.transaction() as session:
        session.add(row)
        return str(row.id)


def _absence(caller: Browser | Caller) -> str:
    """Makes an absence on a day after all earlier absences of the person."""
    ends = max((one["ends_on"] for one in caller.get("/absences").json()["items"]), default="2026-12-01")
    day = str(date.fromisoformat(ends) + timedelta(days=1))
    return str(caller.post("/absences", {"starts_on": day, "ends_on": day}).json()["id"])


def _on_call(callers: dict[Role, Browser | Caller], day: str) -> str:
    desk = callers[Role.DESK]
    who = desk.get("/session").json()["account"]
    return str(desk.post("/on-call", {"account": who, "starts_on": day, "ends_on": day}).json()["id"])


def _entry(service: Service, shelter: str) -> str:
    """Returns a count that the desk entered for this shelter."""
    said = EntryContent(
        kind=Heard.COUNT_CONFIRMED, shelter=shelter, use=TelephoneUse.PLACING, number="+31300000211", heard_at=AT,
        entered_at=AT, entered_by="A-desk",
    )  # fmt: skip
    content = said.model_dump(mode="json")
    return _row(service, TelephoneEntry(id=new_id("V"), made_on=DAY, waits=False, content=content))


def _invitation(service: Service, callers: dict[Role, Browser | Caller], name: str) -> str:
    body = {**BODIES["InvitationIn"], "email": f"{name}@placement.example"}
    asked = callers[Role.ADMIN].post("/invitations", body).json()
    return str(service.granted(asked)["invitation"])


def _asking(service: Service, name: str) -> str:
    """Makes a request by the other admin, so that this admin can grant it."""
    body = {**BODIES["InvitationIn"], "email": f"{name}@placement.example"}
    return str(service.session_of("A-admin-2").made("/invitations", body)["id"])


def _provider(service: Service) -> str:
    with service.database.transaction() as session:
        return str(session.exec(select(Provider.id).order_by(Provider.id)).first())


def _of_two_persons(service: Service, callers: dict[Role, Browser | Caller]) -> dict[tuple[str, Role], tuple[str, str]]:
    """Requests that each role reads."""
    reads = {Role.ADMIN: (_asking(service, "third"), _asking(service, "fourth"))}
    leaving = {"reason": LeaveReason.LEAVING.value, "text": "we stop", "recipient": AGE_RECIPIENT}
    of = SecondPersonKind.LEAVE, leaving
    reads[Role.DESK] = tuple(asked_by_another(service, *of, what=LeaveKind.EXPORT_PEOPLE.value) for _ in range(2))
    reads[Role.AUDITOR] = tuple(
        asked_by_another(service, SecondPersonKind.RELEASE, {"doubt": "", "rows": {}}) for _ in range(2)
    )
    of_counts = asked_by_another(service, *OF_A_RELEASE, about=made_release(service, AT))
    reads[Role.ANALYST] = of_counts, reads[Role.DESK][0]
    for role in (Role.SHELTER, Role.SHELTER_STAFF):
        reads[role] = _unit_change(service, callers, "S01"), _unit_change(service, callers, "S02")
    return {("second_person", role): rows for role, rows in reads.items()}


def _unit_change(service: Service, callers: dict[Role, Browser | Caller], shelter: str) -> str:
    staff = callers[Role.SHELTER_STAFF] if shelter == "S01" else service.other_staff
    asked = staff.post(f"/locations/{shelter}-L1/units", {**BODIES["UnitIn"], "name": new_id("U")}).json()
    return str(asked["request"]["id"])


def _of_everybody(service: Service) -> dict[tuple[str, Role], tuple[str, str]]:
    """Areas, municipalities and rules: who may read them at all reads each."""
    service.desk.made("/municipalities", BODIES["MunicipalityIn"] | {"since": None, "until": None})
    known = {"area": "limburg", "registrant_unit": "limburg", "municipality": "0153"}
    found = {(kind, role): (code, code) for kind, code in known.items() for role in Permission.AREAS_READ.reach}
    found["count", Role.REGISTRAR] = recorded(service, DAY), recorded(service, DAY)
    found["count_release", Role.ANALYST] = (made_release(service, AT, is_released=True),) * 2
    scene, rule = SceneCode.RAID.value, "first.entitlement.ended"
    found |= {("scene", role): (scene, scene) for role in Permission.PRACTICE_READ.reach}
    return found | {("rule", role): (rule, rule) for role in Permission.RULES_READ.reach}


def _rule_change(service: Service, code: str) -> str:
    """Asks for a change of a rule as another person of the desk, so that this person can grant it."""
    body = {**BODIES["RuleChangeIn"], "code": code, "words": {"nl": "-", "en": "-"}}
    return str(service.session_of(service.second.account).made("/rule-changes", body)["id"])


def _override_request(service: Service, decision: str) -> str:
    """Makes a request about this decision, by the person who decided."""
    with service.database.transaction() as session:
        made = session.get_one(Decision, decision)
        asked = SecondPersonRequest(
            id=new_id("G"), kind=SecondPersonKind.DECISION, status=SecondPersonStatus.ASKED, about=made.id,
            registration_id=made.registration_id, facts={}, asked_by=made.decided_by, asked_at=made.decided_at,
        )  # fmt: skip
        session.add(asked)
        return asked.id


def _oddity(service: Service) -> str:
    with service.database.transaction() as session:
        return str(anomaly(session, new_id("O"), AT).id)


def _message(service: Service, kind: MessageKind) -> str:
    """Makes a message of this kind whose delivery was given up."""
    with service.database.transaction() as session:
        act = Act(session, SYSTEM, service.moment.at, service.country.settings)
        outbox.put(act, kind, new_id("M"), accounts=[service.second.account], day="2026-11-24")
        return settle_all(session, MessageStatus.FAILED, service.moment.at, kind=kind)


def _webhook(caller: Browser | Caller) -> str:
    return str(caller.post("/webhooks", BODIES["NewWebhookIn"]).json()["id"])


def confirm_counts(service: Service) -> None:
    for shelter, name in [(service.shelter, "S01"), (service.other_shelter, "S02"), (service.crisis_shelter, "S03")]:
        shelter.made(f"/shelters/{name}/capacity/confirm")


def offered(service, **facts):
    client = service.coordinator.made("/registrations", somebody(**facts))["id"]
    return service.coordinator.made(f"/registrations/{client}/proposals")


def asked_hold(service: Service, by: Caller | None = None, **facts: Any) -> str:
    """Makes a hold of a pregnant woman in the first shelter, decided by the desk. It waits for the shelter's answer."""
    desk = by or service.desk
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    client = desk.made("/registrations", somebody(needs=["pregnancy"], **facts))["id"]
    proposal = desk.made(f"/registrations/{client}/proposals")
    assert proposal["chosen"]["unit"].startswith("S01")
    decided = desk.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    return str(decided["hold"])


def housed(service: Service, **facts: Any) -> tuple[str, dict[str, Any]]:
    """Places a client of the coordinator in the first shelter, and returns the case and its hold."""
    case = service.coordinator.made("/registrations", somebody(**facts))["id"]
    proposal = service.coordinator.made(f"/registrations/{case}/proposals")["id"]
    decision = service.coordinator.made(f"/proposals/{proposal}/decision", {"decision": "accept"})
    hold = service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})["hold"]
    service.staff.made(f"/holds/{hold}/answer", CONFIRM)
    service.shelter.made(f"/holds/{hold}/arrival")
    return case, service.coordinator.get(f"/holds/{hold}").json()


def confirmed_hold(service: Service, address: str) -> str:
    """Makes a hold in COSM that desk and shelter confirmed, for a client in Amsterdam; every
    location has this address.
    """
    with service.database.transaction() as session:
        for location in session.exec(select(Location)):
            location.address = address
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    proposal = offered(service, needs=["pregnancy"])
    decision = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    hold = service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})["hold"]
    service.staff.made(f"/holds/{hold}/answer", CONFIRM)
    return str(hold)
