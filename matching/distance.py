"""Great-circle distance by the haversine formula, in double precision."""

import math

import numpy as np
from numpy.typing import NDArray

EARTH_KM = 6371.0088
ROUNDING = 1e-9  # kilometres by which two ways to compute the same distance may differ


def distances_km(lat: float, lon: float, lats: NDArray[np.float64], lons: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the kilometres from a point to many points. Arguments in degrees; the result has the shape of `lats`."""
    north, norths = np.radians(lat), np.radians(lats)
    half = np.sin((norths - north) / 2) ** 2 + np.cos(north) * np.cos(norths) * np.sin(np.radians(lons - lon) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def distance_km(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """Returns the kilometres between two points. `lat`, `lon`, `to_lat`, `to_lon`: degrees. Raises nothing."""
    north, to_north = math.radians(lat), math.radians(to_lat)
    half = math.sin((to_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(to_north) * math.sin(math.radians(to_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(half, 1.0)))


def within_km(km: float, lat: float, lats: NDArray[np.float64]) -> NDArray[np.intp]:
    """Returns the indices of the `lats` that may be within `km` of a point at `lat`. All others are farther away."""
    return np.flatnonzero(np.abs(lats - lat) <= math.degrees(km / EARTH_KM) + 1e-9)


def plain(km: float) -> float:
    """Returns a whole number of kilometres as an int, without `.0`."""
    return int(km) if km == int(km) else km
