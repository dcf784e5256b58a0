"""The return of a client whose case was closed."""

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
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
def return_client(acts: RequestActs, registration_id: FromPath[str]) -> Response[RegistrationOut]:
    """Make a draft of a closed case: it names the earlier one, and begins with what is still true of it."""
    return acts.write(lambda act: take_back(act, registration_id, acts.language))


def take_back(act: Act, registration_id: str, language: Language) -> RegistrationOut:
    return serialize_registration(act, returns.take_back(act, registration_id), language)
