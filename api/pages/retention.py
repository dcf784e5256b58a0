"""Retention periods, erased data, and, for the desk, active legal holds."""

from dataclasses import dataclass

from litestar import Response

from api.http.context import RequestActs
from api.http.methods import get
from api.pages.frame import Page, page
from api.v1.retention import KeptOut, LegalHoldPage, RetentionOut, list_legal_holds, read_retention
from placement.access.permissions import Permission
from placement.core.context import Act

HOLDS = 100


@dataclass(frozen=True, slots=True)
class Retention:
    found: RetentionOut
    goes: list[KeptOut]
    stays: list[KeptOut]
    holds: LegalHoldPage | None


@get("/retention", permission=Permission.RETENTION_READ)
def show(request: Page, acts: RequestActs) -> Response[str]:
    sees_holds = Permission.LEGAL_HOLD_READ.is_of(request.user)

    def kept(act: Act) -> Retention:
        found = read_retention(act, acts.language)
        return Retention(
            found=found,
            goes=[kind for kind in found.kinds if kind.fate != "kept"],
            stays=[kind for kind in found.kinds if kind.fate == "kept"],
            holds=list_legal_holds(act, HOLDS, 0) if sees_holds else None,
        )

    needed = (Permission.RETENTION_READ, *((Permission.LEGAL_HOLD_READ,) if sees_holds else ()))
    return page(request, "retention.html", acts.show("retention", kept, *needed))
