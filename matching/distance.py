"""Great-circle distance by the haversine formula, in double precision."""

import numpy as np
from numpy.typing import NDArray

EARTH_KM = 6371.0088


def distances_km(lat: float, lon: float, lats: NDArray[np.float64], lons: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kilometres from one point to many; degrees in, same shape out."""
    north, norths = np.radians(lat), np.radians(lats)
    half = np.sin((norths - north) / 2) ** 2 + np.cos(north) * np.cos(norths) * np.sin(np.radians(lons - lon) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
