"""Numbers of beds as people write them, such as `2 bedden`, `één`, `1 à 2` and `4 (waarvan 1 voor gezinnen)`."""

import re
from datetime import date

from placement.exchange.cell_doubts import LEAVE_ROW, LEFT_OUT_VALUE, Doubt, has_word, ordered, words
from placement.exchange.cell_vocabulary import plain, plain_words
from placement.exchange.grid import Choice, Raw
from placement.exchange.room_names import rooms_named
from placement.exchange.values import Read, Unreadable, as_text

_NUMBER = re.compile(r"\d{1,3}")
_PAIR = re.compile(r"(\d{1,2})\s*(?:/|-(?=\s*0$))\s*(\d{1,2})")
_SUM = re.compile(r"\d{1,2}(?:\s*\+\s*\d{1,2})+")
_TIMES = re.compile(r"(\d{1,2})\s*[x\u00d7*]\s*(\d{1,2})\D*", re.IGNORECASE)
_LINE = re.compile(r"[\u2022*\-\s]*(?P<name>[^:]{1,30}?)\*?\s*:\s*(?P<beds>[^(]+?)\s*(?:\([^()]*\))?")
_ALIKE = re.compile(rf"(?P<rooms>.+?),?\s+(?:{words('each')}|(?:alle|all)(?=\s+[^\d\s]))\s+(?P<beds>.+)", re.IGNORECASE)
"""Matches rooms with the same beds, such as `Kamers 7 en 8, elk 2 bedden`."""
_FEW = 12
"""The largest number of rooms that a cell in a column of beds can mean (assumed)."""


def beds_in(read: Read, cell: Raw, part: int | None = None) -> dict[str, object]:
    """Returns the beds of a room. Raises `Doubt` if the cell can mean several numbers, or several rooms. `part`: in a
    cell with beds and clients, such as `2/1`, the position of the number of beds.
    """
    if part is not None and isinstance(cell, str) and (pair := _PAIR.fullmatch(cell.strip())):
        numbers = [int(pair[1]), int(pair[2])]
        if numbers[part] >= numbers[1 - part]:
            return {"beds": numbers[part]}
        raise _either(numbers, as_text(cell))
    if isinstance(cell, date):  # a spreadsheet stores `1-2` as a day
        raise _either([cell.day, cell.month], as_text(cell))
    written = as_text(cell)
    if rooms := rooms_in(read, cell):
        return {"rooms": rooms}
    if closed := re.fullmatch(rf"(\d{{1,2}})\s*\(?\s*{words('closed')}[^\d]*", written, re.IGNORECASE):
        return {"beds": int(closed[1]), "closed": True}
    if closed := re.fullmatch(rf"{words('closed')}\s*[(:,]?\s*(\d{{1,2}})\)?", written, re.IGNORECASE):
        return {"beds": int(closed[1]), "closed": True}
    try:
        beds = read.value(cell)
    except Unreadable:
        beds = _in_words(written)
    if beds is None:
        raise _doubtful(written)
    if beds == 0:
        raise Doubt("import_ask_no_beds", [*(_of(one) for one in (1, 2, 3, 4)), LEAVE_ROW], found=written)
    return {"beds": beds}


def _in_words(written: str) -> int | None:
    """Returns the number in a text such as `één`, `2 bedden` or `tweepersoons`; `None` for other texts."""
    each = re.sub(words("each"), " ", written, flags=re.IGNORECASE).strip()
    said = plain(each)
    for names in ordered("numbers"):
        for number, name in enumerate(names, start=1):
            if said.startswith(plain(name)) and said.removeprefix(plain(name)) in {"", *plain_words("beds")}:
                return number
    digits = _NUMBER.match(said)
    return int(digits[0]) if digits and (each.isdigit() or said[digits.end() :] in plain_words("beds")) else None


def _doubtful(written: str) -> Doubt:
    if part := re.fullmatch(r"(\d{1,2})[.,]\d+", written.strip()):
        return _either([int(part[1]), int(part[1]) + 1], written, is_sure=False)
    numbers = [int(one) for one in _NUMBER.findall(written)]
    if times := _TIMES.fullmatch(written.strip()):
        rooms, each = int(times[1]), int(times[2])
        return _rooms(written, rooms * each, [each] * rooms)
    if _SUM.fullmatch(written.strip()):
        return _rooms(written, sum(numbers), numbers)
    if len(numbers) == 2 and numbers[1] < numbers[0] and has_word("of_which", written):  # noqa: PLR2004 - all and a part
        return _rooms(written, numbers[0], [numbers[0] - numbers[1], numbers[1]])
    if numbers:
        return _either(numbers, written)
    choices = [_of(beds) for beds in (1, 2, 3, 4)]
    return Doubt("import_ask_beds", [*choices, LEAVE_ROW], found=written)


def _of(beds: int) -> Choice:
    return Choice(str(beds), "beds", {"beds": beds}, {"beds": beds})


def _either(numbers: list[int], written: str, *, is_sure: bool = True) -> Doubt:
    choices = [_of(beds) for beds in dict.fromkeys(numbers) if beds]
    if 0 in numbers:
        choices += [Choice(f"0/{max(numbers)}", "closed", {"beds": max(numbers), "closed": True})]
    guess = choices[0].value if choices and is_sure else ""
    return Doubt("import_ask_beds", [*choices, LEAVE_ROW], guess, found=written)


def _rooms(written: str, beds: int, each: list[int]) -> Doubt:
    choices = [_of(beds)]
    if 1 < len(each) <= _FEW and all(each):
        said = "+".join(map(str, each))
        choices.append(Choice(said, "rooms_of", {"split": tuple(each)}, {"rooms": len(each), "each": said}))
    if len(set(each)) > 1:
        choices.append(_of(max(each)))
    choices = list({one.value: one for one in choices}.values())
    return Doubt("import_ask_beds", [*choices, LEAVE_ROW], str(beds), found=written)


def rooms_in(read: Read, cell: Raw) -> tuple[tuple[str, dict[str, object]], ...]:
    """Returns the rooms in a cell if each of its lines has a room and its beds, such as `Kamer 1: tweepersoons`.
    Returns nothing for other cells, and for a cell with a single such line.
    """
    lines = [one.strip() for one in cell.splitlines()] if isinstance(cell, str) else []
    each = _ALIKE.fullmatch(lines[0]) if len(lines) == 1 else None
    beds = _in_words(each["beds"]) if each else None
    if each and beds:
        return tuple((_bare(room), {"beds": beds}) for room in rooms_named(each["rooms"]))
    found = []
    for line in filter(None, lines):
        parts = _LINE.fullmatch(line)
        try:
            given = beds_in(read, parts["beds"]) if parts else {}
        except Doubt:
            return ()
        if parts is None or "beds" not in given:
            return ()
        found.append(
            (_bare(parts["name"].strip()), {**given, **({"closed": True} if has_word("closed", line) else {})})
        )
    return tuple(found) if len(found) > 1 else ()


def _bare(room: str) -> str:
    return re.sub(rf"^{words('room')}\s+", "", room, flags=re.IGNORECASE)


def beds_counted(room: str, beds: int) -> Doubt:
    """Returns the question whether names such as `a` and `b` mean the beds of a room. `room`: the name of the room.
    `beds`: the number of these names, in rows of the list or in cells of a single row.
    """
    choices = [Choice("count", "beds_counted"), Choice(LEFT_OUT_VALUE, "leave_rows")]
    return Doubt("import_ask_bed_rows", choices, "count", found=room, beds=beds)


def beds_in_name(written: str) -> tuple[str, int] | None:
    """Returns the name and the beds in a text such as `Kamer 1 (2 bedden)`; `None` for other texts."""
    found = re.fullmatch(rf"(.*?)[\s(:,-]+(\d{{1,2}})\s*-?\s*{words('beds')}\.?\)?", written, re.IGNORECASE)
    return (found[1].strip(), int(found[2])) if found and found[1].strip() else None
