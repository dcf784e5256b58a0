"""Releases of counts: requested, made once, and released by a second person. A release never changes later."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from placement.core.periods import PeriodKind
from placement.crypto.sealed_values import SealedRecord
from placement.tables.columns import WITHOUT_ORDER, coded
from placement.tables.count import COUNTS


class ReleaseContent(BaseModel):
    """The figures of a release, by key, and the method of this release. `problem`: why the figures are missing."""

    model_config = ConfigDict(frozen=True)

    quarters: Sequence[int] = ()
    within: int = 0
    figures: Sequence[tuple[Sequence[str], int]] = ()
    problem: str | None = None


class CountRelease(SQLModel, table=True):
    """A release of a quarter or year. `as_of`: the day whose register it counts. `made_at`: `None` until the daily job
    has made the figures. `released_at`: `None` until a second person has released them.
    """

    __table_args__ = WITHOUT_ORDER
    key_owner: ClassVar[str] = f"{COUNTS}releases"

    id: str = Field(primary_key=True)
    kind: PeriodKind = coded(PeriodKind)
    begins_on: date = Field(index=True)
    version: int
    as_of: date
    asked_by: str
    made_at: datetime | None = None
    released_at: datetime | None = None
    released_by: str | None = None
    content: ReleaseContent = Field(sa_column=Column(SealedRecord(ReleaseContent, "key_owner"), nullable=False))
