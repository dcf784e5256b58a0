"""Every page in every state: for which user, and how it is reached."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from placement.accounts.totp import code_at
from tests.support.browser.reader import CODE_LIVES, Reader, person_of
from tests.support.browser.resources import ADMIN, AUDITOR, COORDINATOR, DESK, READER, REGISTRANT

Things = dict[str, str]
Step = Callable[[Reader, Things], object]


@dataclass(frozen=True)
class View:
    """`route`: the page's own, as in `api/pages/routes.py`. `who`: an address, or a thing's name; empty: nobody yet."""

    name: str
    route: str
    who: str = DESK
    thing: str = ""
    kind: str = ""
    """Of a page that is the same for each kind of thing."""
    then: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return self.name

    def address(self, things: Things) -> str:
        """Returns the address. The first id of a route is that of `thing`; a unit after it is that
        of the chosen place.
        """
        if "{" not in self.route:
            return self.route + self.thing
        route = self.route.replace("{kind}", self.kind)
        return re.sub(r"{\w+}", things.get(self.thing, self.thing), route, count=1).format(unit_id=things["other"])

    def show(self, reader: Reader, things: Things) -> Page:
        reader.go(self.address(things))
        for step in self.then:
            step(reader, things)
        if self.who:  # else the page would ask to sign in, and that is another view
            expect(reader.page.locator('form[action="/sign-in"]')).to_have_count(0)
        return reader.page


def send(action: str) -> Step:
    """Returns a step that sends the first form to this address (`{name}` is a thing), as it is, even if it is wrong."""

    def step(reader: Reader, things: Things) -> None:
        form = reader.page.locator(f'form[action="{action.format(**things)}"]').first
        with reader.page.expect_event("load"):  # a draft that is saved meanwhile changes the address, and loads nothing
            form.evaluate("form => ((form.noValidate = true), form.requestSubmit())")

    return step


def fill(selector: str, text: str) -> Step:
    return lambda reader, _: reader.page.locator(selector).first.fill(text)


def tick(value: str) -> Step:
    return lambda reader, _: reader.page.locator(f"[type=checkbox][value='{value}']").first.check()


def unfold(reader: Reader, _: Things) -> None:
    """Unfolds everything that is folded."""
    reader.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def settled(reader: Reader, _: Things) -> None:
    """Waits until the page has fetched its parts."""
    reader.page.wait_for_load_state("networkidle")


def verified(reader: Reader, things: Things) -> None:
    """Gives the second factor again, if the page asks for it."""
    if reader.page.locator('form[action="/second-factor"]').count():
        secret = person_of(reader.service, READER)["totp_secret"]
        fill("[name=code]", code_at(secret, datetime.now(UTC) + CODE_LIVES))(reader, things)
        send("/second-factor")(reader, things)


WRONG_PASSWORD = (fill("#email", "nobody@placement.example"), fill("#password", "not a password of anybody"))
TO_THE_CODE = (*WRONG_PASSWORD, send("/sign-in"))

A_WEBHOOK = (fill("#url", "https://software.placement.example/in"), tick("hold.asked"))


def tried(reader: Reader, _: Things) -> None:
    """Sends a test event to the newest webhook, and makes a webhook first if there is no webhook yet."""
    page = reader.page
    if not page.locator("form[action$='/try']").count():
        for step in A_WEBHOOK:
            step(reader, _)
        send("/webhooks")(reader, _)
    with page.expect_navigation():
        page.locator("form[action$='/try']").last.evaluate("form => form.submit()")


def changed(reader: Reader, things: Things) -> None:
    """Changes a fact of the client who has a place, and opens the page of its changes."""
    page, path = reader.page, f"/registrations/{things['held']}"
    if not page.locator("table").count():
        reader.go(f"{path}/edit")
        page.locator("[name=reason]").select_option("care")
        page.locator("[name=high_care]").check()
        send(f"{path}/edit")(reader, things)
        reader.go(f"{path}/changes")


def registered_twice(reader: Reader, things: Things) -> None:
    """Registers the same client twice: the page that follows compares the two."""
    said = {"alias": "Zwaluw", "persons.0.age": "31", "languages.0.code": "ti"}
    chosen = {
        "region": "limburg",
        "registrant": "NP",
        "residence_basis": "reflection",
        "persons.0.gender": "female",
        "languages.0.level": "native",
        "urgency": "2",
    }
    for _ in range(2):
        reader.go("/registrations/new")
        for name, value in said.items():
            reader.page.locator(f"[name='{name}']").fill(value)
        for name, value in chosen.items():
            reader.page.locator(f"[name='{name}']").select_option(value)
        send("/registrations/new")(reader, things)


def asked_to_invite(reader: Reader, things: Things) -> None:
    """Makes two requests that wait for a second admin, and chooses the first of the list."""
    for number in range(2 - reader.page.locator("[name=chosen]").count()):
        reader.go("/accounts")
        reader.page.locator("#email").fill(f"a-rather-long-address-{number}@placement.example")
        reader.page.locator("#role").select_option("reader")
        reader.page.locator("#organisation").select_option("O-oversight")
        send("/accounts/invite")(reader, things)
    reader.go("/second-person")
    reader.page.locator("[name=chosen]").first.check()


def a_file_given(reader: Reader, things: Things) -> None:
    """Begins an import from the page of imports, with a heading that the service does not know."""
    content = b"Unit;Kamer;Plekken;Opmerking\nS01-L1-U1;Zolder;2;boven\n"
    file = {"name": "kamers.csv", "mimeType": "text/csv", "buffer": content}
    reader.page.locator("#file").set_input_files(file)
    send("/import")(reader, things)


def press(keys: str) -> Step:
    return lambda reader, _: reader.page.keyboard.press(keys)


FIRST = ("sign-in", "today", "proposal-unfolded", "capacity-wrong")
"""What `make test` looks at, from each part of the service; `make wide` looks at the others."""
VIEWS = [
    View("sign-in", "/sign-in", who=""),
    View("code", "/sign-in", who="", then=TO_THE_CODE),
    View("code-wrong", "/sign-in", who="", then=(*TO_THE_CODE, fill("[name=code]", "000000"), send("/sign-in/code"))),
    View("today", "/"),
    View("today-coordinator", "/", who=COORDINATOR),
    View("commands", "/", then=(press("Control+k"),)),
    View("shortcuts", "/", then=(press("?"),)),
    View("registrations", "/registrations"),
    View("registrations-filtered", "/registrations", thing="?status=&region=amsterdam&waited=28&order=-waits"),
    View("registrations-none", "/registrations", thing="?status=draft"),
    View("registration-new", "/registrations/new"),
    View("registration-new-wrong", "/registrations/new", then=(send("/registrations/new"),)),
    View("takeover", "/takeovers/new", thing="?shelter=S01"),
    View("takeover-wrong", "/takeovers/new", thing="?shelter=S01", then=(send("/takeovers/new?shelter=S01"),)),
    View("takeover-waits", "/takeovers/new"),
    View("registration", "/registrations/{registration_id}", thing="open", then=(unfold,)),
    View("registration-held", "/registrations/{registration_id}", thing="held"),
    View("registration-held-edit", "/registrations/{registration_id}/edit", thing="held"),
    View(
        "registration-held-edit-wrong",
        "/registrations/{registration_id}/edit",
        thing="held",
        then=(send("/registrations/{held}/edit"),),
    ),
    View("registration-changes", "/registrations/{registration_id}/changes", thing="held", then=(changed, unfold)),
    View("registration-changes-none", "/registrations/{registration_id}/changes", thing="open"),
    View("stay-move", "/stays/{stay_id}/move", thing="stay"),
    View("requests", "/registrations/{registration_id}/requests", thing="open"),
    View("whereabouts", "/registrations/{registration_id}/whereabouts", thing="missing", then=(unfold,)),
    View("registration-timeline", "/registrations/{registration_id}/timeline", thing="held"),
    View("registration-links", "/registrations/{registration_id}/links", thing="open"),
    View("registration-links-alike", "/registrations/{registration_id}/links", thing="open", then=(registered_twice,)),
    View("registration-opening", "/registrations/{registration_id}", thing="foreign"),
    View("refused", "/registrations/{registration_id}", thing="R-2222-2222-2222"),
    View("proposal", "/proposals/{proposal_id}", thing="proposal"),
    View("proposal-unfolded", "/proposals/{proposal_id}", thing="proposal", then=(unfold,)),
    View("proposal-nobody", "/proposals/{proposal_id}", thing="nobody_proposal"),
    View("proposal-decided", "/proposals/{proposal_id}", thing="decided"),
    View("choose", "/proposals/{proposal_id}/units/{unit_id}", thing="proposal"),
    View(
        "choose-wrong",
        "/proposals/{proposal_id}/units/{unit_id}",
        thing="proposal",
        then=(send("/proposals/{proposal}/decide"),),
    ),
    View("decline", "/proposals/{proposal_id}/decline", thing="proposal"),
    View(
        "decline-wrong",
        "/proposals/{proposal_id}/decline",
        thing="proposal",
        then=(send("/proposals/{proposal}/decide"),),
    ),
    View("close", "/registrations/{registration_id}/close", thing="open"),
    View(
        "close-wrong",
        "/registrations/{registration_id}/close",
        thing="open",
        then=(send("/registrations/{open}/close"),),
    ),
    View("decision", "/decisions/{decision_id}", thing="decision"),
    View("not-there", "/holds/{hold_id}/arrival", thing="confirmed"),
    View("not-there-wrong", "/holds/{hold_id}/arrival", thing="confirmed", then=(send("/holds/{confirmed}/no-show"),)),
    View("address", "/holds/{hold_id}/address", thing="confirmed"),
    View("address-wrong", "/holds/{hold_id}/address", thing="confirmed", then=(send("/second-factor"),)),
    View("second-factor", "/second-factor"),
    View("passkeys", "/account/passkeys"),
    View("rings", "/account/rings"),
    View("profile", "/units/{unit_id}/profile", who="staff", thing="unit"),
    View(
        "profile-tried",
        "/units/{unit_id}/profile",
        who="staff",
        thing="unit",
        then=(send("/units/{unit}/profile/try"),),
    ),
    View("shelter", "/shelters/{shelter_id}", thing="shelter"),
    View("shelter-telephones", "/shelters/{shelter_id}/telephones", thing="shelter"),
    View("shelter-telephones-of-staff", "/shelters/{shelter_id}/telephones", who="staff", thing="shelter"),
    View("shelter-call", "/shelters/{shelter_id}/call", thing="shelter", then=(unfold,)),
    View(
        "shelter-call-wrong",
        "/shelters/{shelter_id}/call",
        thing="shelter",
        then=(unfold, fill("[name='rooms.0.out']", "99"), send("/shelters/{shelter}/call")),
    ),
    View("hold-call", "/holds/{hold_id}/call", thing="confirmed", then=(unfold,)),
    View("stay-call", "/stays/{stay_id}/call", thing="stay", then=(unfold,)),
    View("telephone", "/telephone"),
    View("telephone-of-staff", "/telephone", who="staff", then=(unfold,)),
    View("shelters", "/shelters"),
    View("shelters-of-staff", "/shelters", who="staff"),
    View("shelters-wrong", "/shelters", then=(send("/shelters"),)),
    View("place-shelter", "/register/{kind}/{place_id}", kind="shelter", thing="shelter"),
    View("place-location", "/register/{kind}/{place_id}", kind="location", thing="location"),
    View("place-unit", "/register/{kind}/{place_id}", kind="unit", thing="unit"),
    View("place-unit-of-staff", "/register/{kind}/{place_id}", kind="unit", who="staff", thing="unit"),
    View("place-room", "/register/{kind}/{place_id}", kind="room", who="staff", thing="room"),
    View(
        "place-wrong",
        "/register/{kind}/{place_id}",
        kind="unit",
        thing="unit",
        then=(fill("#high_care_limit", "999"), send("/register/unit/{unit}/change")),
    ),
    View("holds", "/holds", who="staff"),
    View("holds-unfolded", "/holds", who="staff", then=(unfold,)),
    View("stays", "/stays", who="staff"),
    View("stays-unfolded", "/stays", who="staff", then=(unfold,)),
    View("stays-desk", "/stays"),
    View("capacity", "/capacity", who="staff"),
    View("capacity-unfolded", "/capacity", who="staff", then=(unfold,)),
    View(
        "capacity-wrong", "/capacity", who="staff", then=(unfold, fill("[name='rooms.0.out']", "99"), send("/capacity"))
    ),
    View("places", "/places", then=(unfold,)),
    View("places-found", "/places", who=COORDINATOR, then=(fill("[name=girls]", "9"), send("/places"), unfold)),
    View("places-wrong", "/places", then=(fill("[name=girls]", "99"), send("/places"))),
    View("country", "/country", then=(settled,)),
    View("country-of-a-region", "/country", who=COORDINATOR, then=(settled,)),
    View("country-shortage", "/country/shortage"),
    View("registration-steps", "/registrations/new", thing="?step=1"),
    View(
        "registration-misspelt",
        "/registrations/new",
        then=(
            fill("[name='threats.0.place']", "Roterdam"),
            fill("[name='needed_by']", "vrijdga"),
            send("/registrations/new"),
        ),
    ),
    View("registration-check", "/registrations/{registration_id}/check", thing="draft"),
    View("registration-edit", "/registrations/{registration_id}/edit", thing="draft"),
    View("sent", "/sent", who=REGISTRANT, then=(unfold,)),
    View("sent-new", "/sent/new", who=REGISTRANT),
    View("sent-new-wrong", "/sent/new", who=REGISTRANT, then=(send("/sent/new"),)),
    View("sent-edit", "/sent/{sent_id}/edit", who=REGISTRANT, thing="sent"),
    View("sent-one", "/sent/{sent_id}", who=REGISTRANT, thing="sent", then=(unfold,)),
    View("received", "/received"),
    View("received-one", "/received/{sent_id}", thing="sent", then=(unfold,)),
    View("form-link", "/form", who=""),
    View("form-link-wrong", "/form", who="", then=(fill("#token", "plf_wrong"), fill("#word", "rode"), send("/form"))),
    View("invitation", "/invitation", who=""),
    View("invitation-wrong", "/invitation", who="", then=(fill("[name=token]", "pli_wrong"), send("/invitation"))),
    View("sign-in-sso", "/sign-in/sso", who="", then=(settled,)),
    View("account", "/account", then=(unfold,)),
    View(
        "account-key", "/account", who=READER, then=(verified, unfold, fill("[name=days]", "30"), send("/account/keys"))
    ),
    View("subscription-staff", "/subscription", who="staff"),
    View("holds-desk", "/holds", then=(unfold,)),
    View("accounts", "/accounts", who=ADMIN, then=(unfold,)),
    View("accounts-chosen", "/accounts", who=ADMIN, thing="?role=desk"),
    View("second-person", "/second-person"),
    View("second-person-admin", "/second-person", who=ADMIN, then=(asked_to_invite,)),
    View("second-person-answered", "/second-person", thing="?settled=true"),
    View("organisation", "/accounts/organisations/{organisation_id}", who=ADMIN, thing="O-centre", then=(unfold,)),
    View(
        "account-away-wrong",
        "/account",
        then=(
            unfold,
            fill("[name=starts_on]", "2026-01-02"),
            fill("[name=ends_on]", "2026-01-01"),
            send("/account/absences"),
        ),
    ),
    View("account-of-another", "/accounts/{account_id}", who=ADMIN, thing="A-reader", then=(unfold,)),
    View("log", "/log", who=AUDITOR, then=(unfold,)),
    View("log-cases", "/log/cases", who=AUDITOR),
    View("log-case", "/log/cases/{registration_id}", who=AUDITOR, thing="held"),
    View("review", "/review", who=AUDITOR, then=(unfold,)),
    View("legal-hold", "/registrations/{registration_id}/legal-hold", thing="held"),
    View("import", "/import"),
    View("import-admin", "/import", who=ADMIN),
    View("import-questions", "/import/{import_id}", then=(a_file_given, unfold)),
    View("import-nothing", "/import", then=(send("/import"),)),
    View("retention", "/retention"),
    View("leave", "/leave"),
    View("doubt", "/doubt"),
    View("on-call", "/on-call"),
    View("mandates", "/mandates"),
    View("retention-auditor", "/retention", who=AUDITOR),
    View("webhooks", "/webhooks", who=ADMIN),
    View("webhooks-made", "/webhooks", who="staff", then=(unfold, *A_WEBHOOK, send("/webhooks"))),
    View("webhooks-tried", "/webhooks", who="staff", then=(tried, unfold)),
    View("set-up", "/set-up"),
    View("set-up-admin", "/set-up", who=ADMIN),
    View("help", "/help"),
    View("help-rules", "/help/rules"),
    View("help-glossary", "/help/glossary"),
    View("help-design", "/help/design", then=(unfold,)),
    View("areas", "/areas", then=(unfold,)),
    View("area", "/areas/one", thing="?kind=area&code=limburg"),
    View("rules", "/rules"),
    View("rule", "/rules/{rule_id}", thing="first.entitlement.reflection", then=(unfold,)),
    View("rule-new-wrong", "/rules/new", then=(send("/rules/rehearse"),)),
    View("encryption-keys", "/encryption-keys", who=ADMIN),
    View("encryption-keys-wrong", "/encryption-keys", who=ADMIN, then=(send("/second-factor"),)),
    View("settings", "/settings", who=ADMIN, then=(unfold,)),
    View("messages", "/messages", who=ADMIN),
    View("subscription", "/subscription", who=READER),
    View("report", "/reports", who=READER, then=(unfold,)),
    View("report-of-a-day", "/reports/{day}", thing="day"),
    View("report-desk", "/reports", then=(unfold,)),
    View("report-of-a-month", "/reports", who=READER, thing="?period=month", then=(unfold,)),
    View("report-of-a-year", "/reports", thing="?period=year"),
]
PARTS = {"/today/board", "/capacity/board", "/changes", "/session", "/import/template", "/import/register"}
"""Not pages: what an open page fetches, and files."""
