"""Retention periods, erased data, and active legal holds."""

from datetime import datetime

from pydantic import Field

from api.http.context import Output
from api.http.operations import get
from api.http.paging import Limit, Offset
from api.v1.legal_hold import LegalHoldOut, serialize_legal_holds
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.retention import overview as retention_overview
from placement.retention.overview import KindState
from placement.retention.schedule_text import in_words
from placement.text.messages import Language


class KeptOut(Output):
    kind: str
    what: str
    days: int | None = Field(description="For how long; null: not by a term of days.")
    since: str = Field(description="From which event on.")
    why: str
    fate: str = Field(description="What happens then: erase, destroy_key, anonymise, kept.")
    assumed: bool = Field(description="The term has no source yet.")
    count: int
    oldest: datetime | None
    due: int
    next_due: datetime | None
    kept_by_legal_hold: int
    late: bool = Field(description="Something has been due for more than a day: nobody runs the job.")
    erased: int = Field(description="In the last days, as many as `looked_back_days`; as the audit log has it.")
    last_erased_at: datetime | None


class RetentionOut(Output):
    as_of: datetime
    looked_back_days: int
    kinds: list[KeptOut]


class LegalHoldPage(Output):
    items: list[LegalHoldOut]
    total: int


@get("/retention", summary="Read the state of retention", permission=Permission.RETENTION_READ)
def read_retention(act: Act, language: Language) -> RetentionOut:
    """Read for each kind of stored data how much there is, and what is due for erasure. Only counts and days."""
    kinds = [_kept(state, language) for state in retention_overview.report(act)]
    return RetentionOut(as_of=act.at, looked_back_days=retention_overview.LOOKED_BACK.days, kinds=kinds)


@get("/legal-holds", summary="List legal holds", permission=Permission.LEGAL_HOLD_READ)
def list_legal_holds(act: Act, limit: Limit = 50, offset: Offset = 0) -> LegalHoldPage:
    """List active and requested legal holds, next review date first."""
    rows, total = retention_overview.legal_holds(act, limit, offset)
    return LegalHoldPage(items=serialize_legal_holds(act, rows), total=total)


def _kept(state: KindState, language: Language) -> KeptOut:
    row = state.status
    what, since, why = in_words(row.kind, language)
    return KeptOut.of(
        row,
        kind=row.kind.name,
        what=what,
        days=None if row.kind.term is None else row.kind.term.days,
        since=since,
        why=why,
        fate=row.kind.fate.value,
        assumed=row.kind.assumed,
        kept_by_legal_hold=row.barred,
        late=state.late,
        erased=state.erased,
        last_erased_at=state.last_erased_at,
    )
