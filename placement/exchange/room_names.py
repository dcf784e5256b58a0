"""The rooms that a cell names, such as `3 t/m 5`, `3-5`, `3, 4 en 5` or `3+4`."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from placement.exchange.cell_doubts import has_word, words
from placement.exchange.cell_vocabulary import names_of
from placement.exchange.grid import Raw, is_filled
from placement.exchange.values import as_text
from placement.text.catalogue import languages

_MOST, _MOST_IN_WORDS = 50, 1000
"""The largest numbers of rooms in a range with a dash, and with a word (assumed). So `1-101` is a single room."""
_ROOM = r"\d{1,4}|(?<![^\W\d_])[^\W\d_](?![^\W\d_])"
"""Matches the part of a room's name that can be incremented: a number, or a single letter."""
_ENDS_IN_ROOM = re.compile(rf"(?P<of>.*?)(?P<room>{_ROOM})")
_ENDS_IN_RANGE = re.compile(
    rf"(?P<of>.*?)(?P<first>{_ROOM})\s*[-\u2013\u2014]\s*(?P=of)?(?P<last>{_ROOM})", re.IGNORECASE
)
_REMARK = re.compile(r"\s*\([^()]*\)\s*$")
_PLURAL = re.compile(r"\b(kamer|room)s\b", re.IGNORECASE)
_NAMED, _MOST_NAMED = re.compile(r"[A-Z][a-z]{2,14}"), 8
"""Matches the name of a room that is a word, such as `Green`. The second value is the largest number of such rooms in a
cell.
"""
_TO, _AND = "\x02", "\x03"


def rooms_named(written: str) -> tuple[str, ...]:
    """Returns the names of the rooms that a text can mean. Returns nothing if the text can only be a single room."""
    listed = re.split(r"\s*[,;&]\s*", written.strip())
    if 1 < len(listed) <= _MOST_NAMED and all(_NAMED.fullmatch(one) for one in listed):
        return tuple(dict.fromkeys(listed))
    parts = re.split(rf"\s*[{_AND},;+&]\s*|(?<=\d)\s*/\s*(?=\d)", _marked(_REMARK.sub("", written)))
    of, names = None, []
    for part in (one for one in parts if one):
        found = list(_rooms_of(part, of))
        if not found:
            return ()
        of = found[0][0]
        names += [f"{prefix}{room}" for prefix, room in found]
    names = list(dict.fromkeys(_PLURAL.sub(r"\1", name) for name in names))
    return tuple(names) if len(names) > 1 else ()


def has_beds_each(written: str, heading: str, beds: str) -> bool:
    """Checks whether a cell of beds certainly states the beds of each single room that a text names. There are three
    cases:

    - the cell contains a word such as `elk`;
    - the heading contains such a word;
    - there are fewer beds than rooms.

    If only a dash joins the rooms, only the first case is sufficient, because `1-2` can be the name of one room on
    floor 1.
    """
    rooms = len(rooms_named(written))
    are_few = beds.isdigit() and 0 < int(beds) < rooms
    is_sure = re.search(rf"[{_TO}{_AND}&]|[,;]\s", _marked(written)) and (are_few or has_word("each", heading))
    return rooms > 1 and (has_word("each", beds) or bool(is_sure))


def _rooms_of(part: str, of: str | None) -> Iterator[tuple[str, str]]:
    """Yields the rooms in a part of a text, each with the words before it. `of`: the words before an earlier room."""
    first, is_range, last = part.partition(_TO)
    if is_range:
        found = _ENDS_IN_ROOM.fullmatch(first.strip())
        until = found and re.match(rf"(?:{_ROOM})(?=\s|$)", _without(last.strip(), found["of"]))
        ends = found and until and (found["of"], *sorted((found["room"], until[0]), key=_place))
    else:
        found = _ENDS_IN_RANGE.fullmatch(part)
        ends = found and (found["of"], found["first"], found["last"])
    if ends and (between := _between(ends[1], ends[2], _MOST_IN_WORDS if is_range else _MOST)):
        yield from ((ends[0] or of or "", room) for room in between)
    elif not is_range and of is not None and re.fullmatch(_ROOM, named := _without(part, of)):
        yield of, named
    elif not is_range and of is None and (found := _ENDS_IN_ROOM.fullmatch(part)):
        yield found["of"], found["room"]


def _without(named: str, of: str) -> str:
    return named[len(of) :] if named.casefold().startswith(of.casefold()) else named


def _place(room: str) -> tuple[int, str]:
    return len(room), room


def _between(first: str, last: str, most: int) -> list[str]:
    """Returns the rooms from the first to the last number or letter; nothing for more than `most` rooms."""
    if first.isdigit() and last.isdigit():
        numbers = range(int(first), int(last) + 1)
        return [str(number).zfill(len(first)) for number in numbers] if len(numbers) <= most else []
    if first.isalpha() and last.isalpha() and len(first) == len(last) == 1 and first.isupper() == last.isupper():
        return [chr(letter) for letter in range(ord(first), ord(last) + 1)]
    return []


def _marked(written: str) -> str:
    """Returns the text with a special character for each joining word of any language: `t/m`, `to`, `en`, `and`."""
    for word, sign in (("to", _TO), ("and", _AND)):
        written = _joining(word).sub(sign, written)
    return " ".join(written.split())


@cache
def _joining(word: str) -> re.Pattern[str]:
    words = sorted({name for language in languages() for name in names_of("value", word, language)}, key=len)
    said = "|".join(re.escape(one) for one in reversed(words))
    return re.compile(rf"(?<![^\W\d_])(?:{said})(?![^\W\d_])", re.IGNORECASE)


def is_floor(written: str) -> bool:
    """Checks whether a text names only a floor, such as `1e verdieping`."""
    return re.fullmatch(rf"(?:\w+\s+)?{words('floor')}\.?(?:\s+\d+)?", written.strip(), re.IGNORECASE) is not None


def has_floors(row: Sequence[Raw]) -> bool:
    """Checks whether several cells of a row name a floor, above the columns with the rooms on that floor."""
    return sum(is_floor(as_text(cell)) for cell in row if is_filled(cell)) > 1
