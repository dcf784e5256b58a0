"""All lists of a file together. Each name gets a single spelling, and codes link rows of different sheets. If names or
codes are unclear, questions are asked.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from placement.exchange.cell_doubts import LEAVE_ROW, Doubt, words
from placement.exchange.cell_vocabulary import plain
from placement.exchange.grid import Choice, letters
from placement.exchange.overview import Cell, Overview, OverviewRow, Place
from placement.exchange.overview_cells import KEYS
from placement.exchange.values import as_text

_NEAR = 0.85
"""Asks whether two names mean the same place if their similarity (0 to 1, `difflib`) is at least this (assumed)."""
_MOST_COMPARED = 500
"""The largest number of names that are compared with each other."""
_SHORT = 3
"""The largest number of letters of a text that is enough to distinguish two places, such as `A` (assumed)."""
_CODE = re.compile(r"\d\S*\s+(?=\S)")
"""Matches a number before the name of a house, such as `4110` in `4110 De Wulp`."""
_TITLE = re.compile(r"\s+[-\u2013\u2014/|]+\s*|\s*[:;,|/]+\s+|\s*:::\s*")


def complete(lists: Sequence[Overview]) -> None:
    """Completes the rows of a file with values of other rows and sheets. Asks for facts that the file lacks."""
    _refer_to_houses(lists)
    for name in KEYS:
        _one_spelling(lists, name)
    _join_by_code(lists)
    _name_by_sheets(lists)
    _ask_for_larger(lists)
    for one in lists:
        _ask_about_rooms_twice(one)
        _leave_out_counts(one)


def _leave_out_counts(one: Overview) -> None:
    """Marks the beds in a list without rooms as totals, because beds cannot be imported without rooms."""
    if any("name" in row.values for row in one.rows):
        return
    for place, cell in one.cells.items():
        if cell.state == "read" and "beds" in cell.values:
            one.cells[place] = Cell("total")


def _rows(lists: Sequence[Overview]) -> Iterator[tuple[Overview, OverviewRow]]:
    return ((one, row) for one in lists for row in one.rows)


def _bare(name: str) -> str:
    """Returns a name without its article and legal form: the same text for `St. De Berk` and `Stichting De Berk`."""
    return plain(re.sub(words("article"), " ", name, flags=re.IGNORECASE)) or plain(name)


def _one_spelling(lists: Sequence[Overview], name: str) -> None:
    """Replaces all spellings of a place by the longest spelling. Asks about names that are only similar."""
    spelled: dict[str, str] = {}
    first: dict[str, tuple[Overview, OverviewRow]] = {}
    for one, row in _rows(lists):
        written = row.values.get(name)
        if isinstance(written, str):
            bare = _bare(written)
            first.setdefault(bare, (one, row))
            longer = len(plain(written)) > len(plain(spelled.get(bare, "")))
            more_accents = plain(written) == plain(spelled.get(bare, "")) and _accents(written) > _accents(
                spelled[bare]
            )
            spelled[bare] = written if longer or more_accents else spelled[bare]
    for bare, near in _similar(list(spelled)):
        one, row = first[bare]
        choices = [Choice("same", "same", {}, {"text": spelled[near]}), Choice("other", "other")]
        doubt = Doubt("import_ask_same_name", choices, "same", found=spelled[bare], near=spelled[near])
        chosen = one.ask(doubt, row.number, row.cells.get(name, 1), of=name, word=bare)
        if chosen is None:
            one.findings[-1].places.extend(
                (other.number, letters(other.cells[name]))
                for of, other in _rows(lists)
                if of is one and other is not row and name in other.cells and _bare(str(other.values.get(name))) == bare
            )
        if chosen is None or chosen.value == "same":
            spelled[bare] = spelled[near]
    for one, row in _rows(lists):
        written = row.values.get(name)
        if isinstance(written, str) and spelled[_bare(written)] != written:
            row.values[name] = spelled[_bare(written)]
            place = (row.number, row.cells.get(name, 0))
            if place in one.cells and name in one.cells[place].values:
                now = one.cells[place]
                one.cells[place] = Cell(now.state, {**now.values, name: row.values[name]})


def _accents(written: str) -> int:
    return sum(letter.isalpha() and not letter.isascii() for letter in written)


def _similar(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yields pairs of names that can be misspellings of each other, except names that differ only in their numbers."""
    forms: dict[str, str] = {}
    for name in names:
        form = re.sub(r"\d+", "", name)
        if form in forms or len(form) <= _SHORT or len(forms) > _MOST_COMPARED:
            forms.setdefault(form, name)
            continue
        for other, earlier in forms.items():
            compared = SequenceMatcher(None, form, other)
            if compared.quick_ratio() >= _NEAR and compared.ratio() >= _NEAR and not _told_apart(form, other):
                yield name, earlier
                break
        forms[form] = name


def _told_apart(name: str, other: str) -> bool:
    """Checks whether two names differ only in the Roman numeral or the single letter at their end, such as `groepa` and
    `groepb`. Such names mean different places.
    """
    if re.sub(r"[ivx]+$", "", name) == re.sub(r"[ivx]+$", "", other):
        return True
    return len(name) == len(other) and name[:-1] == other[:-1]


def _join_by_code(lists: Sequence[Overview]) -> None:
    """Copies to each room the places of the row with the same code on another sheet. Asks about similar codes."""
    known = {
        plain(str(row.values["code"])): row
        for _, row in _rows(lists)
        if "code" in row.values and "name" not in row.values
    }
    if not known:
        return
    for one, row in _rows(lists):
        if "name" not in row.values or "code" not in row.values:
            continue
        code = str(row.values["code"])
        found = known.get(plain(code))
        if found is None:
            choices = [
                Choice(
                    str(other.values["code"]),
                    "as_it_is",
                    {},
                    {"text": f"{other.values['code']} ({other.values.get('shelter', '')})"},
                )
                for other in known.values()
            ]
            like = [other for other in known if _untidy(other) == _untidy(plain(code))]
            guess = str(known[like[0]].values["code"]) if len(like) == 1 else ""
            doubt = Doubt("import_ask_code", [*choices, LEAVE_ROW], guess, found=code)
            chosen = one.ask(doubt, row.number, row.cells.get("code", 1), of="code", word=plain(code))
            reading = chosen or doubt.answered(guess)
            found = known.get(plain(reading.value)) if reading else None
        for name, value in found.values.items() if found else ():
            row.values.setdefault(name, value)


def _refer_to_houses(lists: Sequence[Overview]) -> None:
    """Copies the facts of a house to its rooms in other tables. Finds the house by code, name, or name of the sheet."""
    houses = [row for _, row in _rows(lists) if "shelter" in row.values and "name" not in row.values]
    codes = {plain(str(row.values["code"])): row for row in houses if "code" in row.values}
    names = {_bare(str(row.values["shelter"])): row for row in houses}
    for one in lists:
        own = None if any("shelter" in row.values for row in one.rows) else names.get(_bare(one.name))
        for row in one.rows:
            written = str(row.values.get("shelter"))
            named = names.get(_bare(_CODE.sub("", written))) if _CODE.match(written) else None
            house = own or codes.get(plain(written)) or named
            if house is not None and house is not row and "code" not in row.values:
                row.values = {**house.values, **row.values, "shelter": house.values["shelter"]}
                _reads(one, (row.number, row.cells.get("shelter", 0)), row.values["shelter"])
        for at, number in one.titles:
            if own and plain(as_text(one.grid.rows[at - 1][number - 1])).endswith(_bare(one.name)):
                _reads(one, (at, number), own.values["shelter"])


def _reads(one: Overview, place: Place, shelter: object) -> None:
    if place in one.cells:
        one.cells[place] = Cell("read", {**one.cells[place].values, "shelter": shelter})


def _name_by_sheets(lists: Sequence[Overview]) -> None:
    """Asks once what the names of sheets mean, if each sheet is about a group or house that no cell names."""
    nameless = [
        one
        for one in lists
        if one.rows and not any({"unit", "shelter", "code"} & row.values.keys() for row in one.rows)
    ]
    if len(nameless) < 2:  # noqa: PLR2004 - several sheets
        return
    choices = [Choice(name, "column", {}, {"column": name}) for name in ("unit", "shelter")]
    names = ", ".join(one.name.strip() for one in nameless)
    first = nameless[0]
    chosen = first.ask(
        Doubt("import_ask_sheet_names", choices, "unit", found=names), 1, 1, about="sheets", of="", word="sheets"
    )
    for one in nameless:
        for row in one.rows:
            row.values[chosen.value if chosen else "unit"] = one.name.strip()


def _untidy(code: str) -> str:
    return re.sub(r"(?<=[a-z])0+(?=\d)", "", code.replace("o", "0"))


def _ask_for_larger(lists: Sequence[Overview]) -> None:
    """Asks for the provider and the shelter of rows without them. Offers names of other rows, titles and sheets."""
    titles = [(one, row, number, _pieces(one, row, number)) for one in lists for row, number in one.titles]
    titles = [title for title in titles if title[3]]
    rooms = [one.name for one in lists if any("name" in row.values for row in one.rows)]
    for name, code in (("provider", "import_ask_provider"), ("shelter", "import_ask_shelter")):
        lacking = [
            (one, row)
            for one, row in _rows(lists)
            if name not in row.values and ("code" not in row.values or "shelter" in row.values)
        ]
        if not lacking:
            continue
        own = [str(row.values[name]) for _, row in _rows(lists) if name in row.values] if name == "provider" else []
        pieces = [piece for *_, parts in titles for piece in parts]
        offered = [*dict.fromkeys([*own, *pieces, *(rooms if name == "shelter" else ())])]
        choices = [Choice(piece, "as_it_is", {name: piece}, {"text": piece}) for piece in offered]
        said = next((piece for piece in pieces if re.search(words("provider"), piece, re.IGNORECASE)), "")
        guess = (own[0] if len(set(own)) == 1 else said) if name == "provider" else ""
        doubt = Doubt(code, [*choices, Choice("-", "no_provider")], guess)
        one, row = lacking[0]
        chosen = one.ask(doubt, row.number, row.cells.get(name, 1), about=name, of="", word=name)
        if chosen is None:
            of_guess = [title for title in titles if guess in title[3]] or [
                title for title in titles if title[0] is one
            ]
            asked = one.findings[-1]
            asked.places[:] = [(at, letters(number)) for of, at, number, _ in of_guess[:1] if of is one] or [
                (row.number, "")
            ]
            for of, at, number, parts in titles if of_guess else ():
                if of is not one and (parts == of_guess[0][3] or not guess):  # another sheet has the same title
                    places = [(at, letters(number))]
                    of.findings.append(replace(asked, sheet=of.name, places=places, asked_as=asked.question))
        reading = chosen or doubt.answered(guess)
        for _, row in lacking:
            row.values |= reading.gives or {} if reading else {}


def _pieces(one: Overview, row: int, number: int) -> list[str]:
    """Returns the parts of a title. The sender can choose any part as a name."""
    parts = (piece.strip() for piece in _TITLE.split(as_text(one.grid.rows[row - 1][number - 1])))
    return [piece for piece in parts if 2 < len(piece) <= 80]  # noqa: PLR2004 - the letters of a name


def _ask_about_rooms_twice(one: Overview) -> None:
    """Asks about a room whose unit already has a room with this name."""
    seen: dict[tuple[str, ...], OverviewRow] = {}
    for row in [row for row in one.rows if "name" in row.values]:
        at = tuple(plain(str(row.values.get(name, ""))) for name in (*KEYS, "admits", "name"))
        first = seen.setdefault(at, row)
        if first is row:
            continue
        written = str(row.values["name"])
        other = f"{written}0" if re.fullmatch(r"\d+\.\d", written) else f"{written} (2)"
        choices = [Choice(other, "named", {"name": other}, {"text": other}), LEAVE_ROW]
        doubt = Doubt("import_ask_same_room", choices, "", found=written)
        chosen = one.ask(doubt, row.number, row.cells.get("name", 1))
        if chosen is None:
            continue
        if chosen.gives:
            row.values |= chosen.gives
        else:
            row.values.pop("name")
