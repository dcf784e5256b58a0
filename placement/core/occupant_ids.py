"""The name by which the engine knows a client in the place that is left: an id that waits is no occupant of a problem.

A client who moves both waits for a place and has one, which others must be kept apart from until the arrival.
"""

_LIVES = "/lives"


def occupant_of(registration_id: str) -> str:
    return f"{registration_id}{_LIVES}"


def case_of(occupant: str) -> str:
    """The registration whose client this is, as an occupant or as one who waits."""
    return occupant.removesuffix(_LIVES)
