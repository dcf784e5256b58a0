"""What two registrations are to each other: linked, merged, or alike so that the desk is asked."""

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from placement.core.link_codes import LinkKind
from placement.crypto.sealed_values import SealedRecord
from placement.tables.columns import WITHOUT_ORDER


class LinkContent(BaseModel):
    """`one`: the registration of which it was said; of a merger the one that was closed."""

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
    """The owner of the key of one link: it names neither of the two, and is destroyed with what was said of them."""
    return f"link-{link_id}"


class RegistrationLink(SQLModel, table=True):
    """One pair. Nothing in clear: neither of the two is named by a column, and the row of the second is not touched
    when it is linked, so that no transaction joins them. There are few; those of a case are found in memory.
    """

    __table_args__ = WITHOUT_ORDER

    id: str = Field(primary_key=True)
    content: LinkContent = Field(sa_column=Column(SealedRecord(LinkContent, "key_owner"), nullable=False))

    @property
    def key_owner(self) -> str:
        return key_of_link(self.id)
