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
    days: int | None = Field(description="The term in days; null: no term in days.")
    since: str = Field(description="The event with which the term begins.")
    why: str
    fate: str = Field(description="What happens at the end of the term: erase, destroy_key, anonymise, kept.")
    assumed: bool = Field(description="true: the term has no source.")
    count: int
    oldest: datetime | None
    due: int
    next_due: datetime | None
    kept_by_legal_hold: int
    late: bool = Field(description="true: data has been due for more than a day, so the job does not run.")
    erased: int = Field(description="Erased in the last `looked_back_days` days, according to the audit log.")
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
    """Read how much of each kind of data is stored, and how much must be erased: only counts and days."""
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
