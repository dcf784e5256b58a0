"""Messages in a single line for the operator, about errors of the installation and about refused acts."""

from cryptography.exceptions import InvalidTag
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from placement.core.errors import Fault, Invalid, PlacementError, SealBroken, TokenAway
from placement.storage.database_faults import reason_of
from placement.text.catalogue import SOURCE
from placement.text.messages import say


def message_of(wrong: Exception) -> str | None:
    """Returns the message for the operator. Returns `None` for a programming error, which needs a traceback."""
    match wrong:
        case DBAPIError() | NoConnectionInTime():
            return f"the database cannot be used: {reason_of(wrong)} (look at DATABASE_URL)"
        case SQLAlchemyError() | ImportError():
            # Only the kind is printed, because the text can contain the address of the database with a password.
            kind = type(wrong).__name__
            return f"the database cannot be used ({kind}): look at DATABASE_URL, and whether it answers"
        case InvalidTag():
            return "the key for the encrypted fields does not open this database: look at PLACEMENT_FIELD_KEYS"
        case PlacementError():
            return _refused(wrong)
        case OSError():
            return f"{wrong.strerror}: {wrong.filename}" if wrong.filename else str(wrong)
    return None


def _refused(wrong: PlacementError) -> str:
    if isinstance(wrong, TokenAway | SealBroken):
        return str(wrong)
    faults = wrong.faults if isinstance(wrong, Invalid) else [Fault("", wrong.code, wrong.facts)]
    return "; ".join(f"{one.field}: {say(one.code, one.facts, SOURCE)}".removeprefix(": ") for one in faults)
