"""The disappearance of a client. A search begins, and everybody who places clients is notified."""

from collections.abc import Collection

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.request_codes import RequestStatus, WithdrawalReason
from placement.core.whereabouts_codes import Lost
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.machine import carry_out
from placement.lifecycles.moves import RegistrationMove
from placement.outbox.announcements import announce_missing
from placement.registrations.registrations import supersede_proposals
from placement.registrations.request_rows import end_request
from placement.registrations.searches import begin_search, not_missing
from placement.tables import RegisteredPerson, Registration, Stay


def lose_client(act: Act, registration: Registration, stay: Stay, lost: Lost) -> None:
    """Records that the whole household is missing, and ends the household's open request. If the key of the case is
    missing, changes only the state. `stay`: the stay of the client, also of a client who never arrived. The caller has
    already released the client's other kept beds.
    """
    search_on(act, registration, kind=lost.value)
    if is_readable(registration.content) and (missing := not_missing(registration)):
        begin_search(act, registration, stay, lost, missing, is_whole=True)
    announce_missing(act, stay)


def search_on(act: Act, registration: Registration, **facts: str) -> None:
    """Ends the request and the proposals of a missing household without a place. The case remains missing until the
    search ends.
    """
    if registration.status.is_moving:
        end_request(act, registration, RequestStatus.WITHDRAWN, reason=WithdrawalReason.GIVEN_UP)
    else:
        end_request(act, registration, RequestStatus.CLOSED)
    supersede_proposals(act, registration.id)
    carry_out(act, registration, RegistrationMove.LOSE_CLIENT, **facts)


def lose_persons(act: Act, registration: Registration, stay: Stay, missing: Collection[RegisteredPerson]) -> None:
    """Records that some persons are missing while the other persons stay in the place. The case keeps its state."""
    search = begin_search(act, registration, stay, Lost.LEFT, [*missing], is_whole=False)
    kind = search.lost.value
    audit_log.write(act, Event.CLIENT_MISSING, registration=registration.id, subject=search.id, kind=kind)
    announce_missing(act, stay)
