"""The engine's id for a client who must move, at the place that the client will leave. Such a client waits for a new
place, and until the move occupies the old place, from which other clients must be kept apart. A problem needs two ids
for the client. The id for the old place is made here.
"""

_LIVES = "/lives"


def occupant_of(registration_id: str) -> str:
    return f"{registration_id}{_LIVES}"


def case_of(occupant: str) -> str:
    """Returns the registration of an id that the engine uses, which is an occupant's id or a waiting client's id."""
    return occupant.removesuffix(_LIVES)
