"""The engine's id of a moving client at the place that the client will leave. A moving client waits for a place, and
also occupies a place from which other clients must be kept apart until the move. An id cannot be used for both in a
problem, so the occupant gets another id.
"""

_LIVES = "/lives"


def occupant_of(registration_id: str) -> str:
    return f"{registration_id}{_LIVES}"


def case_of(occupant: str) -> str:
    """Returns the registration to which an id of the engine belongs: an occupant's or a waiting client's id."""
    return occupant.removesuffix(_LIVES)
