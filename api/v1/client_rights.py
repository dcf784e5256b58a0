"""The rights of a client: a document of everything that is stored, and the early erasure of the whole case. (A
restriction and the consent are facts of the registration.)
"""

from datetime import date

from litestar.params import FromPath, JSONBody
from pydantic import Field, JsonValue

from api.http.context import Input, Output
from api.http.operations import get, post
from api.v1.second_person import SecondPersonRequestOut, serialize_request
from placement.access.permissions import Permission
from placement.core.codes import Role
from placement.core.consent_codes import ErasureGround
from placement.core.context import Act
from placement.placements import client_document
from placement.retention import case_erasure
from placement.text.catalogue import Language


class ClientFieldOut(Output):
    name: str = Field(description="The column of the schema; see the register of processing.")
    label: str = Field(description="What it is, in words.")
    value: JsonValue = Field(description="The value as data, without ids, other clients and places.")
    words: str = Field(description="The same value in words.")


class ClientRowOut(Output):
    fields: list[ClientFieldOut] = Field(description="The fields of the row that have a value.")


class ClientPartOut(Output):
    table: str = Field(description="The table of the schema.")
    title: str = Field(description="What the part contains, in words.")
    rows: list[ClientRowOut] = Field(description="The rows of the case.")


class ClientAccessOut(Output):
    role: Role
    words: str = Field(description="The role in words.")
    days: list[date] = Field(description="The days on which people of this role opened or changed the case.")
    listed: list[date] = Field(description="The days on which a list showed the case to people of this role.")


class ClientDocumentOut(Output):
    """Everything that is stored about a client. Places are regions, staff are roles, and other clients are counts."""

    format: int = Field(description="The version of this form.")
    case: str = Field(description="The reference of the case.")
    made_on: date = Field(description="The day on which the document was made.")
    language: str = Field(description="The language of its words.")
    parts: list[ClientPartOut] = Field(description="What is stored, by table.")
    accesses: list[ClientAccessOut] = Field(description="Who opened the case, from the log.")
    titles: dict[str, str] = Field(description="Titles of the parts about accesses and about what else exists.")
    left_out: list[str] = Field(description="What else exists, and why it is not repeated here.")


class CaseErasureIn(Input):
    ground: ErasureGround = Field(description="The ground of the erasure.")


@get(
    "/registrations/{registration_id:str}/client-document",
    summary="Read the document for a client",
    permission=Permission.CLIENT_DOCUMENT_READ,
)
def read_client_document(act: Act, registration_id: FromPath[str], language: Language) -> ClientDocumentOut:
    """Read everything that is stored about a client, in words and as data. First give the second factor again. Hand the
    document to the client in person: it names the places of danger.
    """
    return ClientDocumentOut.of(client_document.make(act, registration_id, language))


@post(
    "/registrations/{registration_id:str}/erasure",
    summary="Request the erasure of a case before its term",
    permission=Permission.CASE_ERASE,
    status_code=201,
)
def request_case_erasure(
    act: Act, registration_id: FromPath[str], data: JSONBody[CaseErasureIn]
) -> SecondPersonRequestOut:
    """Request the erasure of a closed case. First give the second factor again. Another person of the desk grants the
    request. Then nothing about the client can be read any more, not even in backups.
    """
    return serialize_request(act, case_erasure.ask(act, registration_id, data.ground))
