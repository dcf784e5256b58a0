"""Page by role by owner (`OWN`, `FOREIGN`, `NONE`): the answer of a page, the cases in it, and its audit events.

The pages and forms are those of the routes. For the content of fields see tests/api/contract/test_operations.py.
"""

import re

import pytest

from api.pages.routes import PAGES
from placement.access.permissions import Permission
from placement.core.codes import Role
from tests.support.api.bodies import CALL, CONFIRM
from tests.support.api.callers import callers_of
from tests.support.api.page_cells import address, ask, cells, may
from tests.support.api.resources import CASES, FOREIGN, NONE, OWN, things_of
from tests.support.api.route_roles import CALLERS
from tests.support.stores import one_store

SEEN_BY_THE_DESK = {"/holds/{hold_id:str}/address"}
"""Opening it shows the hold alone, which the desk sees in every region; the address needs a reason."""
PARTS = {"/account": Permission.KEY_READ, "/shelters/{shelter_id:str}": Permission.SHELTER_TELEPHONE_READ}
"""A part of this page that fewer roles may read than the page: its software reads neither keys nor numbers there."""
NOT_THERE = {
    "/events/{event_id:str}/plan/lines/{registration_id:str}",
    "/practice/messages",
    "/practice/scenes/{scene:str}",
}
"""Pages of an event that has no plan here, and of a practice room, which this service is not."""
REFERENCE = re.compile(r"\bR(?:-[2-9A-HJKMNP-TV-Z]{4}){3}\b")

FILLED = {
    "/telephone/{entry_id:str}/call-back": {
        "agrees": "yes",
        **{f"call.{name}": said for name, said in CALL.items() if said},
    },
    "/registrations/{registration_id:str}/open": {"reason": "danger_now", "text": "-"},
    "/registrations/{registration_id:str}/links": {"other": "R-2222-2222-2222", "kind": "related"},
    "/registrations/{registration_id:str}/merge": {"other": "R-2222-2222-2222"},
    "/registrations/{registration_id:str}/close": {"reason": "unreachable"},
    "/registrations/{registration_id:str}/requests": {"version": "1", "kind": "transfer", "ground": "wish"},
    "/registrations/{registration_id:str}/requests/{request_number:str}/withdraw": {
        "version": "1",
        "reason": "need_met",
    },
    "/registrations/{registration_id:str}/whereabouts/{search_number:str}/informed": {"who": "police"},
    "/registrations/{registration_id:str}/whereabouts/{search_number:str}/found": {"where": "-", "wants_place": "yes"},
    "/registrations/{registration_id:str}/whereabouts/{search_number:str}/close": {"reason": "police_search_on"},
    "/registrations/{registration_id:str}/edit": {
        "version": "1",
        "region": "amsterdam",
        "registrant": "NP",
        "residence_basis": "reflection",
        "urgency": "1",
        "persons.0.gender": "female",
        "persons.0.age": "24",
    },
    "/beds/{stay_id:str}/move": {"rooms": "R-2222-2222-2222"},
    "/registrations/{registration_id:str}/rights/restriction": {"version": "1", "restriction": "unlawful"},
    "/registrations/{registration_id:str}/rights/erasure": {"ground": "objection"},
    "/registrations/{registration_id:str}/legal-hold": {"reason": "complaint", "review_on": "2027-01-01"},
    "/shelters/providers/{provider_id:str}": {"version": "1", "name": "Another"},
    "/proposals/{proposal_id:str}/decide": {"decision": "accept"},
    "/decisions/{decision_id:str}/confirm": {"granted": "yes"},
    "/decisions/{decision_id:str}/look": {"again_on": "2026-12-24"},
    "/holds/{hold_id:str}/answer": CONFIRM,
    "/holds/{hold_id:str}/expected": {"expected_other": "2026-11-24T20:00"},
    "/holds/{hold_id:str}/no-show": {"rung": "not_coming", "wants_place": "yes"},
    "/holds/{hold_id:str}/release": {"reason": "unreachable"},
    "/stays/{stay_id:str}/end": {"reason": "own_housing"},
    "/stays/{stay_id:str}/move": {"rooms": "S01-L1-U1-R01"},
    "/stays/{stay_id:str}/swap": {"stay": "S-0"},
    "/stays/{stay_id:str}/blocker": {"blocker": "medical"},
    "/units/{unit_id:str}/profile": {"version": "1", "admits": "female", "min_age": "18", "max_age": "99"},
    "/units/{unit_id:str}/profile/try": {"question": "men"},
    "/register/{kind:str}/{place_id:str}/change": {"version": "1", "name": "Unit", "scheme": "cosm"},
    "/register/{kind:str}/{place_id:str}/add": {"new_name": "Kamer", "new_beds": "1"},
    "/register/{kind:str}/{place_id:str}/move": {"version": "1", "location": "S01-L1"},
    "/register/{kind:str}/{place_id:str}/address": {"address": "Voorbeeldstraat 1, 0000 XX Verzonnen Dorp"},
    "/register/{kind:str}/{place_id:str}/close": {"version": "1", "until": "2027-01-01"},
    "/register/{kind:str}/{place_id:str}/reopen": {"version": "1"},
    "/review/{oddity_id:str}/tick": {"outcome": "explained"},
    "/enquiries/{enquiry_id:str}/call-back": {"version": "1", "minutes": "3"},
    "/entries/{knowledge_id:str}/edit": {"version": "1", "titles.nl": "A", "texts.nl": "B", "mark": "assumed"},
    "/entries/{knowledge_id:str}/review": {"version": "1"},
    "/entries/{knowledge_id:str}/end": {"version": "1"},
    "/events/{event_id:str}/edit": {
        "version": "1",
        "name": "Inval",
        "kind": "raid",
        "day": "2027-02-01",
        "registrant": "NLA",
        "residence_basis": "none_yet",
        "urgency": "2",
    },
    "/events/{event_id:str}/places": {
        "name": "Hotel",
        "place": "Utrecht",
        "telephone": "030 000 00 09",
        "from_on": "2026-11-24",
        "until": "2026-12-24",
        "rooms.0.rooms": "1",
        "rooms.0.beds": "2",
        "told_role": "-",
        "told_name": "-",
        "scheme": "crisis",
    },
    "/counts/{reference:str}": {"version": "1", "reason": "-", "exploitation": "begging", "ground": "consent"},
    "/counts/{reference:str}/merge": {"version": "1", "reason": "-", "into": "B-2222-2222-2222"},
    "/counts/{reference:str}/withdrawal": {"version": "1", "reason": "-"},
    "/counts/{reference:str}/difference": {"version": "1", "reason": "-"},
    "/accounts/{account_id:str}": {"role": "desk", "organisation": "O-centre"},
}
"""What is right in a form about one thing, so that it is refused for the thing alone; the others need no field."""
LOG = "/log"
"""Valid fields of the forms about a thing, so that only the thing is refused; the other forms need no field."""


@one_store
def test_page_is_shut_to_each_role_without_its_permission(service):
    shut = [
        service.client.get(address(template, role, NONE, {}), headers=getattr(service, CALLERS[role]).authorization())
        for template, permission, role, whose in cells("GET")
        if whose == OWN and role.is_person and role not in permission.reach
    ]
    assert {answer.status_code for answer in shut} == {403}
    assert len(shut) > 200


@pytest.mark.wide
@one_store
def test_every_page_shows_own_cases_only_and_names_them(service):
    callers = callers_of(service)
    things = things_of(service, callers)
    theirs = {
        role: {found for (kind, of, whose), found in things.items() if (of, whose) == (role, FOREIGN) and kind in CASES}
        for role in (Role.COORDINATOR, Role.SHELTER, Role.SHELTER_STAFF)
    }
    seen, found = 0, []
    for caller in callers.values():
        ask(service, caller, "GET", "/account")  # the first request of a key gets its token, which is an event too
    for template, permission, role, whose in cells("GET"):
        path = address(template, role, whose, things)
        answer, events = ask(service, callers[role], "GET", path)
        where, names = (role.value, path, whose, answer.status_code), [event.event for event in events]
        by_the_desk = template in SEEN_BY_THE_DESK and (role, whose) == (Role.DESK, FOREIGN)
        shown = (may(PARTS.get(template, permission), role, whose) or by_the_desk) and template not in NOT_THERE
        expected = {200, 303} if shown else {403, 404, 400}
        if answer.status_code not in expected or answer.headers["cache-control"] != "no-store":
            found.append(where)
        if answer.status_code in {403, 404} and names != ["access:refused"] and template not in NOT_THERE:
            found.append((*where, names))
        if answer.status_code != 200:
            continue
        seen += 1
        listed = {one for event in events for one in event.facts.get("shown", ())}
        shown_there = set(REFERENCE.findall(answer.text)) if template != LOG else set()
        unnamed = shown_there - listed - {event.registration_id for event in events}
        foreign = {one for one in theirs.get(role, ()) if one in answer.text}
        if len(events) > 1 or unnamed or foreign:
            found.append((*where, names, unnamed, foreign))
    assert found == []
    assert seen > 100


LINK = re.compile(r'(?:href|action|formaction|hx-get|hx-post)="(/[^"#?]*)')
PATHS = [
    (re.compile(re.sub(r"{\w+:str}", "[^/]+", template) + r"\Z"), methods)
    for template, methods in sorted(PAGES.route_handler_method_map.items(), key=lambda one: one[0].count("{"))
]


def refused_links(text, role):
    """Yields the pages and forms, linked in this page, that the role may not use."""
    for path in sorted(set(LINK.findall(text))):
        methods = next((methods for pattern, methods in PATHS if pattern.match(path)), {})
        handlers = [one for one in methods.values() if one and "permission" in one.opt]
        if handlers and not any(role in one.opt["permission"].reach for one in handlers):
            yield path


@pytest.mark.wide
@one_store
def test_no_page_links_to_what_the_role_may_not_open(service):
    callers = callers_of(service)
    things = things_of(service, callers)
    seen, found = 0, set()
    for template, permission, role, whose in cells("GET"):
        if role.is_person and whose == OWN and may(permission, role, whose):
            answer, _ = ask(service, callers[role], "GET", address(template, role, whose, things))
            seen += len(LINK.findall(answer.text))
            found |= {(role.value, template, link) for link in refused_links(answer.text, role)}
    assert found == set()
    assert seen > 500
    assert list(refused_links('<a href="/holds">', Role.READER)) == ["/holds"]


@pytest.mark.wide
@one_store
def test_no_form_changes_what_the_role_may_not(service):
    callers = callers_of(service)
    things = things_of(service, callers)
    before, tried, found = service.digest(), 0, []
    for template, permission, role, whose in cells("POST"):
        if may(permission, role, whose):
            continue
        path = address(template, role, whose, things)
        answer, events = ask(service, callers[role], "POST", path, FILLED.get(template))
        tried += 1
        refusals = [event.event for event in events].count("access:refused")
        if answer.status_code not in {403, 404} or refusals != 1:
            found.append((role.value, path, whose, answer.status_code, [event.event for event in events]))
    assert found == []
    assert tried > 500
    assert service.digest() == before
