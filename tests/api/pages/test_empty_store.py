"""Every page on a store without a shelter, as each role: it names the missing things, and who can add them."""

import re
from datetime import timedelta
from html import unescape

import pytest

from api.pages.routes import PAGES
from placement.core.codes import Role, StoreFact
from placement.storage import job_failures, store_records
from placement.text.catalogue import languages
from tests.support.api.empty_service import SHELTER

NO_SHELTER = "There is no shelter yet. Who can do it: Placement desk."
DO_IT = "There is no shelter yet. Do it"
"""The same, to who can."""
MISSING = "the next step, and you can change"
OUTSIDE = {Role.REGISTRANT, Role.ANALYST, Role.REGISTRAR, Role.ADVISER}
"""Roles that cannot do anything about what is missing in the service."""
SAYS = {
    "/": {
        Role.DESK: [DO_IT, MISSING, "Nobody waits. The desk or a care coordinator", "Nobody is expected."],
        Role.COORDINATOR: [NO_SHELTER, "Nobody waits. The desk or a care coordinator"],
    },
    "/registrations": "The desk or a care coordinator registers a client",
    "/registrations/new": "New registration",
    "/received": "Nothing that was sent in waits for the desk.",
    "/events": "There is no event.",
    "/events/new": "What all members share",
    "/sent": "Your organisation has not sent anything in.",
    "/sent/new": "Your organisation has no unit here yet.",
    "/beds": "There is no shelter yet.",
    "/shelters": ["There is no shelter yet. Register the organisation that runs it", "First register the organisation"],
    "/takeovers/new": "there is no shelter yet.",
    "/places": "No place fits these filters. The desk registers shelters and their units",
    "/country": NO_SHELTER,
    "/country/shortage": NO_SHELTER,
    "/holds": "comes from a decision on a proposal, on the page of a registration",
    "/telephone": "Nothing was entered by telephone",
    "/stays": "begins with an arrival, which is reported on the page of holds",
    "/reports": ["The first report is made at seven in the morning.", NO_SHELTER],
    "/needs": "There is no letter of",
    "/counts": "There is no record of this month.",
    "/counts/new": "The record is in the register tomorrow",
    "/counts/releases": "There is no release yet.",
    "/counts/list": "Which columns are read",
    "/enquiries": "There was no call on this day.",
    "/enquiries/new": "Who rings",
    "/enquiries/figures": "Nothing was counted.",
    "/entries": ["On this day no entry was reviewed yet.", "Load these texts"],
    "/entries/new": "Another person reviews the text.",
    "/import": ["Get the template", "Nothing is changed until you carry it out"],
    "/set-up": ["This is still missing.", "There is no shelter yet."],
    "/accounts": [
        MISSING,
        "Ask the operator: ",
        "Ask for an invitation on this page; another admin grants it.",
        "nobody can be invited without it",
    ],
    "/log": "lines.",
    "/log/cases": "listed here until a person has looked at it",
    "/review": "listed here until a person has looked at it",
    "/retention": "Nothing is kept longer than its term.",
    "/leave": "Clients' data leaves the service",
    "/second-person": "Nothing waits.",
    "/doubt": "Nothing has stopped.",
    "/on-call": "Nobody is named yet.",
    "/practice": "The practice room does not run",
    "/mandates": "No mandate is given",
    "/encryption-keys": "Nothing needs an older key.",
    "/settings": "How places are weighed",
    "/rules": ["Reflection period (B8/3)"],
    "/rules/new": "a new rule",
    "/areas": "Limburg",
    "/areas/one": "Regions",
    "/messages": ["Mails wait until that is done. Set up", "Mails go to people who are asked something"],
    "/webhooks": "An admin makes the keys of the centre",
    "/subscription": "The report by mail",
    "/account/passkeys": "You have no passkey yet.",
    "/account/rings": "No device rings for you yet.",
    "/second-factor": "It stays valid for five minutes.",
    "/account": "Software that acts for you needs a key",
    "/help": {role: ["What you do here", "What is missing, and who can do it"] for role in Role if role not in OUTSIDE},
    "/help/rules": "The rules",
    "/help/glossary": "Glossary",
}
"""Text that a page shows to each role that has it, or to some of these roles."""
ON_TRIAL = {"/help/design"}
"""Pages that only a trial of the service shows: tests/api/pages/test_design.py."""
OF_A_SHELTER = {"/capacity", "/holds/answers"}
"""Its staff has nothing to look at before there is a shelter."""
PARTS = {
    "/today/board",
    "/capacity/board",
    "/changes",
    "/session",
    "/import/template",
    "/import/register",
    "/practice/messages",
}
"""Not pages: what an open page fetches, and files."""
FULL = re.compile(r"Every shelter has reported|(?<![\w ])(None|Nobody|Nothing)\.")
"""Text that no page may show about an empty store."""


def text_of(answer):
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    unseen = re.sub(r'<span class="unseen">.*?</span>', "", main, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", unseen)).split()).replace(" .", ".")


def pages_of(role):
    """Yields the pages of this role that need no id."""
    for path, methods in PAGES.route_handler_method_map.items():
        handler = methods.get("GET")
        if handler is None or "{" in path or handler.opt.get("public") or path in PARTS | ON_TRIAL:
            continue
        if role in handler.opt["permission"].reach:
            yield path


def expected(path, role):
    says = SAYS[path].get(role, []) if isinstance(SAYS[path], dict) else SAYS[path]
    found = [says] if isinstance(says, str) else says
    return [DO_IT if words == NO_SHELTER and role is Role.DESK else words for words in found]


PEOPLE = [role for role in Role if role.is_person and role is not Role.SHELTER_STAFF]


@pytest.mark.wide
@pytest.mark.parametrize("role", PEOPLE)
def test_page_of_an_empty_store_says_what_is_missing(begun, role):
    account = begun.account(role, *(["amsterdam"] if role is Role.COORDINATOR else []))
    seen, found = 0, []
    for path in pages_of(role):
        for language in languages():
            answer = begun.page(account, path, language)
            seen += 1
            if answer.status_code != 200 or (language == "en" and FULL.search(text_of(answer))):
                found.append((path, language, answer.status_code, text_of(answer)))
        found += [(path, words, text_of(answer)) for words in expected(path, role) if words not in text_of(answer)]
    assert found == []
    assert seen > 12


@pytest.mark.wide
def test_page_of_a_bare_shelter_says_what_is_missing(begun):
    account = begun.account(Role.SHELTER_STAFF, organisation=begun.shelter())
    says = {
        "/capacity": ["A shelter has no unit yet: De Reiger. Who can do it: Placement desk."],
        "/holds": ["Requests for a place are listed here until you have answered them."],
        f"/shelters/{SHELTER}": ["This shelter has no unit yet. The desk makes its units"],
        "/set-up": ["A shelter has no unit yet: De Reiger.", "Nobody works at the placement desk."],
    }
    for path in [*pages_of(Role.SHELTER_STAFF), f"/shelters/{SHELTER}"]:
        answer = begun.page(account, path)
        assert answer.status_code == 200, path
        assert FULL.search(text_of(answer)) is None, path
        assert [words for words in says.get(path, []) if words not in text_of(answer)] == [], text_of(answer)
    assert "<form" not in begun.page(account, "/capacity").text.partition("<main")[2].partition("</main>")[0]


def test_shelter_that_never_counted_is_told_as_such(begun):
    account = begun.account(Role.DESK)
    begun.shelter()
    said = text_of(begun.page(account, "/"))
    assert "De Reiger has never sent a count" in said
    assert "for a day" not in said


@pytest.mark.wide
def test_set_up_tells_of_last_backup_and_warns_when_old(begun):
    account, other = begun.account(Role.ADMIN), begun.account(Role.COORDINATOR, "amsterdam")
    assert begun.get(account, "/set-up")["backup_at"] is None

    def record(ago):
        with begun.country.database.transaction() as session:
            store_records.record(session, StoreFact.BACKUP_MADE, begun.moment.at - ago)

    record(timedelta(hours=48))
    assert "The last backup is of" in text_of(begun.page(account, "/set-up"))
    assert "The last backup" not in text_of(begun.page(account, "/accounts"))
    record(timedelta(hours=49))
    for path in ("/set-up", "/accounts"):
        assert text_of(begun.page(account, path)).count("all later entries would be lost") == 1
        assert "De laatste back-up is van" in text_of(begun.page(account, path, "nl"))
    assert begun.get(account, "/set-up")["backup_is_old"]
    assert begun.get(other, "/set-up")["backup_at"] is None
    assert "The last backup" not in text_of(begun.page(other, "/"))


@pytest.mark.wide
def test_job_that_fails_is_told_on_the_first_page(begun):
    with begun.country.database.transaction() as session:
        job_failures.note(session, "make_report", *[begun.moment.at - timedelta(minutes=6)] * 2)
    for path, role in (("/accounts", Role.ADMIN), ("/", Role.DESK), ("/set-up", Role.AUDITOR)):
        account = begun.account(role)
        assert text_of(begun.page(account, path)).count("has failed since") == 1
        assert "make_report" in text_of(begun.page(account, path, "nl"))
        assert begun.get(account, "/set-up")["job_fails"] == "make_report"
    other = begun.account(Role.COORDINATOR, "amsterdam")
    assert begun.get(other, "/set-up")["job_fails"] is None


def record(begun, fact, detail="", **ago):
    with begun.country.database.transaction() as session:
        store_records.record(session, fact, begun.moment.at - timedelta(**ago), detail)


@pytest.mark.wide
@pytest.mark.parametrize(("minutes", "is_told"), [(29, False), (31, True)])
def test_mail_server_takes_nothing_is_told_on_the_first_page(begun, minutes, is_told):
    record(begun, StoreFact.MAIL_FAILS, minutes=minutes)
    for path, role in (("/accounts", Role.ADMIN), ("/", Role.DESK), ("/", Role.COORDINATOR), ("/set-up", Role.AUDITOR)):
        account = begun.account(role, *(["amsterdam"] if role is Role.COORDINATOR else []))
        assert text_of(begun.page(account, path)).count("No mail has been sent since") == is_told
        assert text_of(begun.page(account, path, "nl")).count("geen mail verstuurd") == is_told


@pytest.mark.wide
@pytest.mark.parametrize(("days", "is_told"), [(6, True), (8, False)])
def test_restore_of_these_days_is_told_to_every_role(begun, days, is_told):
    record(begun, StoreFact.RESTORED, (begun.moment.at - timedelta(days=9)).isoformat(), days=days)
    for path, role in (("/accounts", Role.ADMIN), ("/", Role.DESK), ("/", Role.COORDINATOR), ("/set-up", Role.READER)):
        account = begun.account(role, *(["amsterdam"] if role is Role.COORDINATOR else []))
        assert text_of(begun.page(account, path)).count("enter them again") == is_told
        assert text_of(begun.page(account, path, "nl")).count("voer het opnieuw in") == is_told


def test_every_page_of_a_role_has_a_row_here():
    routes = {path for role in Role for path in pages_of(role)}
    assert routes == set(SAYS) | OF_A_SHELTER
