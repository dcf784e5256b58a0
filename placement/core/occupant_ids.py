"""The engine's ids for a client who must move. In a problem, this client appears twice: as a client who waits for a new
place, and as an occupant of the old place. Other clients may have to be kept apart from the occupant. This file makes
the occupant's id.
"""

_LIVES = "/lives"


def occupant_of(registration_id: str) -> str:
    return f"{registration_id}{_LIVES}"


def case_of(occupant: str) -> str:
    """Returns the id of the registration. `occupant`: an id of the engine, for an occupant or for a waiting client."""
    return occupant.removesuffix(_LIVES)
