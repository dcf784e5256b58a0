"""Towns, telephone numbers and names, as people write them, also several in a cell; and names of persons."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice

from placement.core import telephone
from placement.core.geography import place_names, places, places_like, places_named
from placement.exchange.cell_doubts import UNKNOWN, Doubt, has_word, words
from placement.exchange.cell_vocabulary import plain, plain_words
from placement.exchange.grid import Choice, Raw
from placement.exchange.values import Read, as_text

_POSTCODE = re.compile(r"\b\d{4}\s?[A-Z]{2}\b,?\s*")
_BETWEEN = re.compile(r"\s*(?:[;,\n|/]|\bof\b|\bor\b|\ben\b|\band\b|&|\s{2,})\s*", re.IGNORECASE)
_NUMBER = re.compile(r"[+(]?\d(?:[\d\-\u2013./()]|[^\S\n]){4,}\d")
_BESIDE = re.compile(r"[^\d,/;\n(]*(?:\([^()\d]*\))?")
"""Matches the text after a telephone number that belongs to this number, and not to the next number."""
_WITH_TOWN = re.compile(
    r"(?P<name>.+?)\s*(?:\((?P<in>[^()]+)\)|[,\u2013\u2014]\s*(?P<after>[^,]+)|\s-\s(?P<dash>.+)|\s(?:te|in)\s(?P<at>.+))"
)
_TITLED = r"\b(?i:mw|mevr|mevrouw|dhr|de heer|mrs|mr|ms|miss)\b\.?\s*(?:[A-Z]\w*\.?\s?){1,3}"
_INITIALS = r"(?:\b[A-Za-z]\.\s?){2,4}"
_A_PERSON = re.compile(rf"{_TITLED}|[-\u2013:,(]\s*(?:[A-Z]\.\s?){{2,4}}\)?$|\(\s*{_INITIALS}\)")
_ONLY_A_PERSON = re.compile(
    rf"(?:{_TITLED}|{_INITIALS}(?:[a-z]+\s)*(?:[A-Z]\w+)?|[A-Z]{{2,3}}|[A-Z]\.\s?[A-Z]?\w*|[A-Z]\w+\s[A-Z]\.?)"
    r"(?:\s*[+&,/]\s*.*)?",
)
_PART = re.compile(r"[\s-]*(?:\((?:centrum|noord|oost|zuid|west)\)|-(?:centrum|noord|oost|zuid|west))$", re.IGNORECASE)
_MOST_LIKE = 5
_SIGNS = " ,;:.(/|-\u2013\u2014"


@cache
def _towns() -> dict[str, str]:
    """Returns the places by name in plain form. A name that several places share is followed by the province."""
    return {plain(name): _own_name(name) for name in place_names()}


def _own_name(name: str) -> str:
    place = places_named(name)[0]
    return place.name if len(places_named(place.name)) == 1 else place.in_full


def town_named(written: str) -> str | None:
    """Returns the only place with this name. For a part of a town, such as `Arnhem-Zuid`, returns the town."""
    bare = re.sub(words("municipality_of"), "", _POSTCODE.sub("", written), flags=re.IGNORECASE).strip(" ,.")
    return next((named for one in (bare, _PART.sub("", bare)) if (named := _towns().get(plain(one)))), None)


def town_in(cell: Raw) -> dict[str, object]:
    """Returns the town in a cell. Raises `Doubt` if the name is unknown or misspelt, or if several places have it."""
    written = as_text(cell)
    if has_word("secret", written):
        return {}
    if found := town_named(written):
        return {"place": found}
    several = [one.in_full for one in places_named(written)]
    near = several or _like(written)
    code = "import_ask_town" if near else "import_ask_unknown_town"
    raise town_doubt(code, near, near[0] if near and not several else "", written)


def town_doubt(code: str, likely: Iterable[str], guess: str, found: str) -> Doubt:
    """Returns a question about a town. It offers likely and large towns. The sender can also type any other town."""
    largest = (place.name for place in islice(places().values(), _MOST_LIKE))
    doubt = Doubt(code, [_town(one) for one in dict.fromkeys((*likely, *largest))], guess, found=found)
    doubt.typed = _typed
    return doubt


def _town(name: str) -> Choice:
    return Choice(name, "as_it_is", {"place": name}, {"text": name})


def _typed(answer: str) -> Choice | None:
    town = next((one for one in place_names() if plain(one) == plain(answer)), town_named(answer))
    return _town(town) if town else None


def _like(written: str) -> list[str]:
    abbreviated = re.fullmatch(r"([a-z])['\u2019`]?(dam|burg)", written.casefold())
    if abbreviated:  # the largest towns first
        start, end = abbreviated.groups()
        return [one.name for name, one in places().items() if name[0] == start and name.endswith(end)][:_MOST_LIKE]
    return places_like(written)


def name_and_town(written: str) -> tuple[str, str | None]:
    """Splits a name with a known town at its end. Returns name and town; without a known town, the text and `None`."""
    found = _WITH_TOWN.fullmatch(written)
    town = found and next(filter(None, (found["in"], found["after"], found["dash"], found["at"])), "").strip()
    if not found or not town or town_named(town) is None:
        return written, None
    return found["name"].strip(), town_named(town)


def town_at_end(written: str) -> tuple[str, str] | None:
    """Returns the name and the town of a text that ends with a town, even without punctuation between them."""
    parts = written.split()
    for size in (1, 2):
        if len(parts) > size and (town := town_named(" ".join(parts[-size:]))):
            return " ".join(parts[:-size]), town
    return None


def telephones_in(
    read: Read, cell: Raw, heading: str = "", above: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Returns the telephone numbers in a cell by use. The first number is for placing. The second is for the night if
    the cell or the heading contains a word for night; otherwise it is general. `above`: the numbers in the cell above.
    """
    use = read.column.name
    written = re.sub(r'^="(.*)"$', r"\1", lines_of(cell))
    if has_word("secret", written) or not written.strip("0 "):
        return {}
    if isinstance(cell, int | float) or (written.isdigit() and (figure := telephone.read_figure(written))):
        given = read.value(cell) if isinstance(cell, int | float) else figure
        return {use: given, **({"night": given} if has_word("always", heading) else {})}
    if _is_number(written):
        return {use: written, **({"night": written} if has_word("always", heading) else {})}
    for name, number in (above or {}).items():
        written = re.sub(words("ditto"), str(number), written, flags=re.IGNORECASE) if name == "night" else written
    second = "night" if has_word("night", heading) else "general"
    found: dict[str, object] = {}
    end = 0
    for number in _NUMBER.finditer(written):
        before, end = re.sub(r"^\s*\([^()]*\)", "", written[end : number.start()]), number.end()
        beside = _BESIDE.match(written, end)
        is_last = beside is None or not written[beside.end() : beside.end() + 1].isdigit()
        after = beside[0][:25] if beside and is_last else ""
        named = _use(before) or (_use(after) if not _use(before) else None)
        into = named or next((one for one in (use, second, "general", "night", "placing") if one not in found), use)
        parts = [number[0]] if _is_number(number[0]) else [one for one in _BETWEEN.split(number[0]) if one]
        for one in parts:
            found.setdefault(into, one.strip().replace("\u2013", "-"))
            into = next((other for other in (second, "general", "night") if other not in found), into)
    if not found or (
        re.search(r"\d", written) and not any(map(_is_number, map(str, found.values()))) and "," in written
    ):
        raise Doubt("import_ask_telephone", [UNKNOWN], UNKNOWN.value, found=written)
    if has_word("always", written + " " + heading):
        found.setdefault("night", found.get(use))
    elsewhere = re.search(rf"{words('night')}\s*:\s*([^\d\n]+)$", written, re.IGNORECASE | re.MULTILINE)
    if "night" not in found and elsewhere and plain(elsewhere[1]) not in plain_words("nothing"):
        choices = [Choice("right", "line_right", found), Choice("-", "line_wrong")]
        raise Doubt("import_ask_line", choices, "", found=written)  # such as `zie De Kameel`
    return found


def lines_of(cell: Raw) -> str:
    """Returns a cell as text that keeps its line breaks."""
    lines = cell.splitlines() if isinstance(cell, str) else []
    return "\n".join(map(as_text, lines)) if len(lines) > 1 else as_text(cell)


def _use(written: str) -> str | None:
    if has_word("night", written):
        return "night"
    return "placing" if has_word("day_time", written) else None


def _is_number(written: str) -> bool:
    try:
        return telephone.read(written).doubt is None
    except telephone.NotATelephone:
        return False


def is_telephone(written: str) -> bool:
    """Checks whether a text has a telephone number."""
    return any(
        _is_number(part) for one in _NUMBER.finditer(written) for part in (one[0], *_BETWEEN.split(one[0])) if part
    )


def before_number(written: str) -> str:
    """Returns the text before the first telephone number, without the punctuation between them."""
    return _NUMBER.split(written, maxsplit=1)[0].rstrip(_SIGNS)


def is_town(written: str) -> bool:
    return town_named(written) is not None


def is_person(written: str) -> bool:
    """Checks whether a text consists only of the initials or the name of a person."""
    return _ONLY_A_PERSON.fullmatch(written.strip()) is not None


def without_persons(written: str) -> tuple[str, bool]:
    """Removes initials, and names after a title, from a text. Returns the text, and true if anything was removed."""
    bare = _A_PERSON.sub("", written)
    return (re.sub(r"\(\s*\)", "", bare).strip(" -\u2013,;:("), True) if bare != written else (written, False)


def towns_in(written: str) -> list[str]:
    """Returns the towns in a text. Looks only at words with a capital."""
    parts = list(re.findall(r"['\u2019]?[A-Z][\w'\u2019]*(?:[- ][A-Z][\w'\u2019]*)*", written))
    found = [town_named(part) for part in parts] + [town_named(part.partition("-")[0]) for part in parts]
    return list(dict.fromkeys(one for one in found if one))
