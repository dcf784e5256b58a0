"""The return of a client whose case was closed."""

from litestar.params import FromPath

from api.http.operations import post
from api.v1.registrations import RegistrationOut, serialize_registration
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.registrations import returns
from placement.text.catalogue import Language


@post(
    "/registrations/{registration_id:str}/return",
    summary="Begin a new case for a client who returns",
    permission=Permission.REGISTRATION_CHANGE,
    status_code=201,
)
def return_client(act: Act, registration_id: FromPath[str], language: Language) -> RegistrationOut:
    """Make a draft from a closed case, because the client has returned. It has the facts that are still valid."""
    return serialize_registration(act, returns.take_back(act, registration_id), language)
