"""The ledger of need: counts of a day, or the sums of a month. No row contains an id of a case."""

from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from placement.core.need_codes import Dimension, LedgerSpan
from placement.crypto.sealed_values import SealedRecord
from placement.tables.columns import WITHOUT_ORDER, code_key


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class WaitingGroup(_Part):
    """Waiting households, by scheme, region, shape (kind of household), cause and waiting time. `new`: households that
    began to wait since the day before. In a month, the numbers are sums over its days.
    """

    scheme: str
    region: str
    shape: str
    cause: str
    waited: str
    households: int = 0
    persons: int = 0
    new: int = 0


class PlacesOfKind(_Part):
    """Beds of a kind of place, and the refusals of its units by reason. In a month, sums over its days."""

    kind: str
    beds: int = 0
    free: int = 0
    unknown: int = 0
    stale: int = 0
    refused: dict[str, int] = {}


class GroupCounts(_Part):
    """The counts of a group: waiting households, and events of the day before, some by reason. For an obstacle to
    leaving, `waiting` counts stays past their limit. In a month, the numbers are sums; `most` is the largest number of
    a day.
    """

    dimension: Dimension
    code: str
    waiting: int = 0
    new: int = 0
    most: int = 0
    decisions: int = 0
    refused: dict[str, int] = {}
    declined: dict[str, int] = {}
    overrides: dict[str, int] = {}


class MorePlaces(_Part):
    """The number of persons who would also be placed if a unit had one more room, or two. In a month, the numbers are
    sums. `place`: the unit and the size of the room.
    """

    place: str
    region: str
    scheme: str
    kinds: list[str]
    with_one: int = 0
    with_two: int = 0


class LengthOfStay(_Part):
    """The total number of days that clients lived in a scheme, and the number of stays that ended, up to this day."""

    scheme: str
    lived: int
    ended: int


class Needs(_Part):
    """The counts of a day or month. `days`: the number of days with counts. `late`: the days without the engine's
    answer. `solved`: the days on which the engine searched for additional places.
    """

    days: int = 1
    late: int = 0
    solved: int = 0
    waiting: list[WaitingGroup] = []
    places: list[PlacesOfKind] = []
    groups: list[GroupCounts] = []
    more: list[MorePlaces] = []
    lengths: list[LengthOfStay] = []


class NeedRecord(SQLModel, table=True):
    """The counts of a day, or of the month that begins on `on`. The record is sealed and padded, because its length
    would disclose how many groups a day had.
    """

    __table_args__ = WITHOUT_ORDER
    key_owner: ClassVar[str] = "ledger-of-need"

    on: date = Field(primary_key=True)
    span: LedgerSpan = code_key(LedgerSpan)
    content: Needs = Field(sa_column=Column(SealedRecord(Needs, "key_owner"), nullable=False))
