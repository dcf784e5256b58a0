"""The engine's id of a moving client at the place that the client will leave. In a problem, the id of a waiting client
cannot also be an occupant. A moving client is both: the client waits for a place, and occupies a place from which other
clients must be kept apart until the move.
"""

_LIVES = "/lives"


def occupant_of(registration_id: str) -> str:
    return f"{registration_id}{_LIVES}"


def case_of(occupant: str) -> str:
    """Returns the registration of this client, for the id of an occupant or of a waiting client."""
    return occupant.removesuffix(_LIVES)
