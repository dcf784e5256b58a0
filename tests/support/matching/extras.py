"""Extra places that a list of bottlenecks tries, on plain rows."""


def with_extra(raw, unit_id, extra):
    """Returns the problem as plain rows, with one more room, or with one more high-care place if
    the unit has a limit.
    """
    if extra == "high_care":
        more = {row["id"]: row["high_care_limit"] + 1 for row in raw["units"] if row.get("high_care_limit") is not None}
        units = [
            row | {"high_care_limit": more[row["id"]]} if row["id"] == unit_id in more else row for row in raw["units"]
        ]
        return raw | {"units": units}
    beds = int(extra[-1])
    row = {"id": "new", "unit": unit_id, "beds": beds, "free_beds": beds, "free_from": raw["as_of"]}
    return raw | {"rooms": [*raw["rooms"], row | {"features": [], "occupants": []}]}
