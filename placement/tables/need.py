"""The ledger of need: counts of a day, and of a month after the days were folded. No row contains an id of a case."""

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
    """Waiting households, by scheme, region, shape and cause, and by how long they wait. `new`: households that began
    to wait since the day before. In a month, the numbers are sums over its days.
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
    """Beds of a kind of place, and the refusals of its units by reason. In a month, beds are sums over its days."""

    kind: str
    beds: int = 0
    free: int = 0
    unknown: int = 0
    stale: int = 0
    refused: dict[str, int] = {}


class GroupCounts(_Part):
    """The counts of a group: waiting households (for an obstacle to leaving, stays past their limit), and events of the
    day before, some by reason. In a month, the numbers are sums, and `most` is the largest number of a day.
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
    """The persons who would be placed in addition if a unit had another room, or two. In a month, the numbers are sums.
    `place`: the unit and the size of the room.
    """

    place: str
    region: str
    scheme: str
    kinds: list[str]
    with_one: int = 0
    with_two: int = 0


class LengthOfStay(_Part):
    """The number of days that clients lived in a scheme, and of stays that ended, up to this day."""

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
    """The counts of a day, or of the month that begins on `on`. The record is sealed and padded, because neither its
    length nor its number of rows may show how many groups a day had.
    """

    __table_args__ = WITHOUT_ORDER
    key_owner: ClassVar[str] = "ledger-of-need"

    on: date = Field(primary_key=True)
    span: LedgerSpan = code_key(LedgerSpan)
    content: Needs = Field(sa_column=Column(SealedRecord(Needs, "key_owner"), nullable=False))
