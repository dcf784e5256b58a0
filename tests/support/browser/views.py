"""Every page in every state: for which user, and how it is reached."""

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.support.browser.reader import Reader
from tests.support.browser.resources import (
    ADMIN,
    ADVISER,
    ANALYST,
    AUDITOR,
    COORDINATOR,
    DESK,
    READER,
    REGISTRANT,
    REGISTRAR,
)
from tests.support.browser.steps import (
    A_HEADING_UNKNOWN,
    A_WEBHOOK,
    TO_THE_CODE,
    Step,
    Things,
    asked_to_invite,
    changed,
    file_given,
    fill,
    press,
    registered_twice,
    send,
    settled,
    tried,
    unfold,
    verified,
)


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
        route = re.sub(r"{\w+}", things.get(self.thing, self.thing), route, count=1)
        return route.format(unit_id=things["other"], shelter_id="S01", registration_id=things["held"])

    def show(self, reader: Reader, things: Things) -> Page:
        reader.go(self.address(things))
        for step in self.then:
            step(reader, things)
        if self.who:  # else the page would ask to sign in, and that is another view
            expect(reader.page.locator('form[action="/sign-in"]')).to_have_count(0)
        return reader.page


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
    View("beds", "/beds", thing="?shelter=S01"),
    View("beds-choose", "/beds"),
    View("beds-own", "/beds", who="staff"),
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
            unfold,
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
    View("events", "/events"),
    View("event-new", "/events/new"),
    View("event-new-wrong", "/events/new", then=(send("/events/new"),)),
    View("event", "/events/{event_id}", thing="event"),
    View("event-of-coordinator", "/events/{event_id}", who=COORDINATOR, thing="event"),
    View("event-edit", "/events/{event_id}/edit", thing="event"),
    View("event-members", "/events/{event_id}/members", thing="event", then=(unfold,)),
    View("event-plan", "/events/{event_id}/plan", thing="event", then=(send("/events/{event}/plan"), unfold)),
    View("event-plan-of-coordinator", "/events/{event_id}/plan", who=COORDINATOR, thing="event"),
    View("event-day", "/events/{event_id}/day", thing="event"),
    View("event-house", "/events/{event_id}/plan/houses/{shelter_id}", thing="event", then=(unfold,)),
    View("event-plan-line", "/events/{event_id}/plan/lines/{registration_id}", thing="event"),
    View("holds-answers", "/holds/answers", who="staff"),
    View("event-place", "/events/{event_id}/places", thing="event"),
    View("event-place-verified", "/events/{event_id}/places", thing="event", then=(verified,)),
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
    View("client-rights", "/registrations/{registration_id}/rights", thing="held"),
    View("import", "/import"),
    View("import-admin", "/import", who=ADMIN),
    View("import-questions", "/import/{import_id}", then=(A_HEADING_UNKNOWN, unfold)),
    View("import-nothing", "/import", then=(send("/import"),)),
    View("retention", "/retention"),
    View("leave", "/leave"),
    View("doubt", "/doubt"),
    View("on-call", "/on-call"),
    View("practice", "/practice"),
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
    View("enquiries", "/enquiries", who=ADVISER),
    View("call", "/enquiries/new", who=ADVISER, then=(unfold,)),
    View("call-wrong", "/enquiries/new", then=(send("/enquiries/new"),)),
    View("call-open", "/enquiries/{enquiry_id}", thing="call", then=(unfold,)),
    View("call-to-ring-back", "/enquiries/{enquiry_id}", who=ADVISER, thing="ring_back"),
    View("enquiry-figures", "/enquiries/figures", who=ANALYST),
    View("entries", "/entries", who=ADVISER, then=(fill("#said", "bedenktijd"), settled)),
    View("entries-of-a-day", "/entries", thing="?day=2026-03-01"),
    View("entry", "/entries/{knowledge_id}", thing="knowledge", then=(unfold,)),
    View("entry-new-wrong", "/entries/new", who=ADVISER, then=(send("/entries/new"),)),
    View("entry-edit", "/entries/{knowledge_id}/edit", thing="knowledge"),
    View("needs", "/needs", who=ANALYST, thing="?period=month"),
    View("needs-of-a-quarter", "/needs"),
    View("counts", "/counts", who=REGISTRAR),
    View("counts-of-an-analyst", "/counts", who=ANALYST),
    View("count-new", "/counts/new", who=REGISTRAR, then=(unfold,)),
    View("count-new-wrong", "/counts/new", who=REGISTRAR, then=(send("/counts/new"),)),
    View("count-list", "/counts/list", who=REGISTRAR, then=(unfold,)),
    View(
        "count-list-wrong",
        "/counts/list",
        who=REGISTRAR,
        then=(file_given("/counts/list", "maand;vorm van uitbuiting;grondslag", "2026-13;mijnbouw;-"), unfold),
    ),
    View("count-releases", "/counts/releases", who=ANALYST),
    View("count-releases-wrong", "/counts/releases", who=ANALYST, then=(send("/counts/releases"),)),
    View("count-release", "/counts/releases/{release_id}", who=ANALYST, thing="release", then=(unfold,)),
    View("count-record", "/counts/{reference}", who=REGISTRAR, thing="count", then=(unfold,)),
]
OF_PRACTICE = {"/practice/messages", "/practice/scenes/{scene}", "/practice/enter/{secret}"}
"""Pages of a practice room alone (`tests/browser/test_practice_evening.py`)."""
PARTS = OF_PRACTICE | {
    "/today/board",
    "/capacity/board",
    "/changes",
    "/session",
    "/registrations/{registration_id}/rights/document",
    "/import/template",
    "/import/register",
}
"""Not pages of every service: what an open page fetches, files, and the pages of practice."""
