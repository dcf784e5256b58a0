"""The legal hold of a case: asked for, granted by another, reviewed, lifted."""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Wrong, page, page_at
from api.v1 import legal_hold as routes
from api.v1.legal_hold import LegalHoldIn, LegalHoldOut, LegalHoldReviewIn
from api.v1.people import People, people_of
from api.v1.vocabulary import ReasonOut, reasons
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.reason_codes import Step

HERE = "/registrations/{registration_id:str}/legal-hold"
_PAGE = "/registrations/{}/legal-hold"


@dataclass(frozen=True, slots=True)
class LegalHoldShown:
    found: LegalHoldOut | None
    reasons: list[ReasonOut]
    people: People


@page_at(HERE, permission=Permission.LEGAL_HOLD_READ)
def show(request: Page, acts: RequestActs, registration_id: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    def found(act: Act) -> LegalHoldShown:
        may_be_given = reasons(act, acts.language, Step.LEGAL_HOLD)
        held = routes.legal_hold_if_any(act, registration_id)
        by = [held.asked_by, held.answered_by, held.lift_asked_by, held.lifted_by] if held else []
        return LegalHoldShown(held, may_be_given, people_of(act, by))

    return page(
        request,
        "legal_hold.html",
        acts.show("legal_hold", found, Permission.LEGAL_HOLD_READ),
        wrong,
        registration=registration_id,
    )


@post(HERE, permission=Permission.LEGAL_HOLD_ASK)
@form_on(show)
def ask(acts: RequestActs, registration_id: FromPath[str], form: SentForm) -> str:
    wanted = given(LegalHoldIn, form.optional("reason", "review_on"))
    acts.write(lambda act: routes.request_legal_hold(act, registration_id, wanted))
    return _PAGE.format(registration_id)


@post(f"{HERE}/review", permission=Permission.LEGAL_HOLD_LIFT)
@form_on(show)
def keep(acts: RequestActs, registration_id: FromPath[str], form: SentForm) -> str:
    wanted = given(LegalHoldReviewIn, form.some("review_on", "seen_review_on"))
    acts.write(lambda act: routes.keep_legal_hold(act, registration_id, wanted))
    return _PAGE.format(registration_id)


@post(f"{HERE}/lift", permission=Permission.LEGAL_HOLD_LIFT)
@form_on(show)
def lift(acts: RequestActs, registration_id: FromPath[str]) -> str:
    acts.write(lambda act: routes.request_legal_hold_lift(act, registration_id))
    return _PAGE.format(registration_id)
