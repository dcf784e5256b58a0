"""Relations between two registrations. The two are linked, merged, or so similar that the desk has to compare them."""

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy import Column
from sqlmodel import Field

from placement.core.link_codes import LinkKind
from placement.crypto.sealed_values import SealedRecord
from placement.tables.columns import WITHOUT_ORDER
from placement.tables.sealed_row import InDoubt, SealedRow


class LinkContent(BaseModel):
    """The content of a relation. `one`: the registration to which a user added the relation; in a merger, the closed
    case.
    """

    one: str
    other: str
    kind: LinkKind
    at: datetime
    by: str

    def names(self, registration_id: str) -> bool:
        return registration_id in {self.one, self.other}

    def other_than(self, registration_id: str) -> str:
        return self.other if registration_id == self.one else self.one


def key_of_link(link_id: str) -> str:
    """Returns the owner of the key of a link. The owner's name contains no id of a case. The key is destroyed with the
    link.
    """
    return f"link-{link_id}"


class RegistrationLink(SealedRow, table=True):
    """A pair of registrations, with nothing in clear. No column names a registration, and no transaction writes this
    row and a row of the two cases. So no transaction shows which cases are linked. There are few links; the links of a
    case are found in memory.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    __table_args__ = WITHOUT_ORDER

    id: str = Field(primary_key=True)
    content: LinkContent = Field(sa_column=Column(SealedRecord(LinkContent, "key_owner"), nullable=False))

    @property
    def key_owner(self) -> str:
        return key_of_link(self.id)
