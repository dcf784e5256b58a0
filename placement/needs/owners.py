"""The owner of each obstacle: the kind of party that can remove it."""

from collections.abc import Mapping
from types import MappingProxyType

from placement.core.need_codes import Owner, WaitObstacle

_BY_CODE: Mapping[str, Owner] = MappingProxyType(
    {
        "capacity": Owner.CAPACITY,
        "rooms": Owner.CAPACITY,
        "high_care": Owner.CAPACITY,
        "needs": Owner.CAPACITY,
        "language": Owner.CAPACITY,
        "medical": Owner.CAPACITY,
        "waits_for_other_shelter": Owner.CAPACITY,
        "waits_for_residence_permit": Owner.PERMITS,
        "procedure_pending": Owner.PERMITS,
        "waits_for_housing": Owner.HOUSING,
        "never_reported": Owner.INFORMATION,
        "unknown": Owner.INFORMATION,
        "decision": Owner.DECISION,
        WaitObstacle.PAPERS: Owner.PERMITS,
        WaitObstacle.PAYMENT: Owner.DECISION,
        WaitObstacle.CONSENT: Owner.DECISION,
        WaitObstacle.INTERPRETER: Owner.CAPACITY,
        WaitObstacle.CARE: Owner.CAPACITY,
        WaitObstacle.TRANSPORT: Owner.CAPACITY,
        WaitObstacle.RISK: Owner.INFORMATION,
    }
)


def owner_of(code: str) -> Owner:
    """Returns the owner of a cause, or of an obstacle to leaving. If a code has a party after a point
    (`language.shelter`), only the part before the point counts. An unknown code is treated as a rule.
    """
    return _BY_CODE.get(code.split(".", maxsplit=1)[0], Owner.RULES)
