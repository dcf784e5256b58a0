"""The page of a case's legal hold: request, review and lifting. Another person grants the request."""

from api.pages.declared_pages import form, screen
from api.v1 import legal_hold
from api.v1.legal_hold import LegalHoldOut
from api.v1.people import People, people_of
from api.v1.vocabulary import reasons
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.reason_codes import Step

HERE = "/registrations/{registration_id:str}/legal-hold"


def _people(act: Act, found: LegalHoldOut | None) -> People:
    return people_of(act, [found.asked_by, found.answered_by, found.lift_asked_by, found.lifted_by] if found else [])


show = screen(
    HERE,
    "legal_hold.html",
    under=(Permission.LEGAL_HOLD_READ,),
    found=legal_hold.legal_hold_if_any,
    reasons=lambda act, language: reasons(act, language, Step.LEGAL_HOLD),
    people=_people,
)
ask = form(HERE, legal_hold.request_legal_hold, show)
keep = form(f"{HERE}/review", legal_hold.keep_legal_hold, show)
lift = form(f"{HERE}/lift", legal_hold.request_legal_hold_lift, show)
