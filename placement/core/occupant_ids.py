"""The engine's id of a moving client, at the place that the client will leave. A moving client both waits for a place
and occupies a place, from which other clients must be kept apart until the move. In a problem, the same id cannot be
used for a waiting client and for an occupant. So the occupant gets another id.
"""

_LIVES = "/lives"


def occupant_of(registration_id: str) -> str:
    return f"{registration_id}{_LIVES}"


def case_of(occupant: str) -> str:
    """Returns the registration of an id. The id can be that of an occupant or of a waiting client."""
    return occupant.removesuffix(_LIVES)
