"""Rows of the sheet of rooms that name several rooms, such as `3 t/m 5`.

If a name can mean several rooms, the row itself or the sender of the file must state its meaning (`RoomRange`).
Otherwise a room could be lost.
"""

from collections.abc import Callable
from dataclasses import replace

from placement.core.place_codes import RoomRange
from placement.exchange.import_steps import Stop
from placement.exchange.room_names import rooms_named
from placement.exchange.table_rows import Row


def rows_of_rooms(row: Row, answer: RoomRange | None, is_known: Callable[[str], bool]) -> list[Row]:
    """Returns a row for each room that a row of the sheet of rooms names: three rows for `3 t/m 5`.

    `answer`: the sender's answer, for rows that do not state their meaning. A row with an id, or with the name of an
    existing room, is a single room. Raises `Stop` if the meaning is unknown, or if the beds cannot be divided.
    """
    written, beds = row.values["name"], row.values["beds"]
    names = rooms_named(written)
    if not names or "id" in row.values or is_known(written):
        return [row]
    facts = {"found": written, "rooms": ", ".join(names), "number": len(names), "beds": beds}
    match row.values.get("several", answer):
        case RoomRange.ONE_ROOM:
            return [row]
        case RoomRange.BEDS_EACH:
            each = beds
        case RoomRange.BEDS_TOGETHER if beds % len(names) == 0:
            each = beds // len(names)
        case RoomRange.BEDS_TOGETHER:
            raise Stop("beds", "import_beds_do_not_divide", **facts)
        case _:
            raise Stop("name", "import_rooms_unclear", **facts)
    return [replace(row, values={**row.values, "name": name, "beds": each}) for name in names]
