"""Great-circle distance by the haversine formula, in double precision."""

import math

import numpy as np
from numpy.typing import NDArray

EARTH_KM = 6371.0088


def distances_km(lat: float, lon: float, lats: NDArray[np.float64], lons: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kilometres from one point to many; degrees in, same shape out."""
    north, norths = np.radians(lat), np.radians(lats)
    half = np.sin((norths - north) / 2) ** 2 + np.cos(north) * np.cos(norths) * np.sin(np.radians(lons - lon) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def shown_km(km: float) -> float:
    """Rounded down to 0.1: a distance that is shown is never more than it is."""
    return math.floor(km * 10) / 10


def plain(km: float) -> float:
    """A whole number of kilometres without its `.0`."""
    return int(km) if km == int(km) else km
