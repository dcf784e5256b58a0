"""The engine's id of a client in the place to be left: a waiting id cannot also be an occupant in a problem.
A moving client both waits for a place and occupies a place, from which other clients must be kept apart until the
arrival.
"""

_LIVES = "/lives"


def occupant_of(registration_id: str) -> str:
    return f"{registration_id}{_LIVES}"


def case_of(occupant: str) -> str:
    """Returns the registration of this client, whether the id is of an occupant or of a waiting client."""
    return occupant.removesuffix(_LIVES)
