"""Cells about the persons whom a unit admits: genders, ages and children in one cell, such as `vrouwen 18-65`."""

import re
from contextlib import suppress
from datetime import date
from functools import cache

from placement.core.codes import Gender
from placement.exchange.cell_doubts import LEFT_OUT_VALUE, UNKNOWN, Doubt, has_word, words
from placement.exchange.cell_vocabulary import codes_by_word, plain
from placement.exchange.grid import Choice, Raw
from placement.exchange.values import as_text

ADULT = 18
_YOUNGEST = 12
"""The smallest number in the name of a group that is understood as an age (assumed)."""
_VOWELS, _SHORTEST = "[aeiouy]", 3
_DASH = r"[-\u2013\u2014]"
BLANK = frozenset({"(leeg)", "(blank)"})
"""The labels that a spreadsheet program gives to the rows without a value, in a pivot table."""
_AGE = r"(\d{1,3})(?:\s*[a-z]{1,5}\b\.?)??"


@cache
def _thru() -> str:
    return rf"(?:{_DASH}|{words('thru')})"


def people_in(cell: Raw) -> dict[str, object]:
    """Returns the profile in a cell. Raises `Doubt` if a part has several meanings, or an unknown meaning."""
    written = as_text(cell)
    if isinstance(cell, date):  # a spreadsheet stores `12-17` as a day
        raise unclear(written, {})
    rest = re.sub(words("years"), " ", _apart(written))
    rest, found = _families(f" {rest} ")
    rest, children = _children(rest, written)
    rest, ages = _ages(rest, written)
    rest, admits = _genders(rest)
    if admits == (Gender.OTHER,) and len(plain(written)) == 1:  # `x` can also mean everybody
        raise unclear(written, {**children, **ages})
    found = {**children, **ages, **({"admits": admits} if admits else {}), **found}
    if re.search(r"[^\W_]", re.sub(words("filler"), " ", rest)):
        raise unclear(written, found)
    return found


def _apart(written: str) -> str:
    """Returns a text in which abbreviations of single letters are separated: `vr z. k.` for `vr z.k.`."""
    return re.sub(r"(?<=\b[a-z]\.)(?=[a-z]\b)", " ", written.casefold())


def group_in(written: str) -> dict[str, object]:
    """Returns the parts of a profile that certainly follow from the name of a group, such as `Moeders met kinderen`."""
    try:
        return people_in(written)
    except Doubt:
        rest, found = _families(f" {re.sub(words('years'), ' ', _apart(written))} ")
        found |= _children_alone(rest)[1] | _ages_of_group(rest, written)
        _, admits = _genders(rest)
        return {**found, **({"admits": found.get("admits", admits)} if admits else {})}


def _ages_of_group(rest: str, written: str) -> dict[str, object]:
    """Returns the ages in the name of a group, such as `JV 18-23`. Smaller numbers are numbers of rooms."""
    with suppress(Doubt):
        ages = _ages(rest, written)[1]
        return ages if all(isinstance(age, int) and age >= _YOUNGEST for age in ages.values()) else {}
    return {}


def genders_in(written: str) -> tuple[Gender, ...]:
    return _genders(written.casefold())[1]


def _families(rest: str) -> tuple[str, dict[str, object]]:
    """Removes words for families (women or men with children) from a text. Returns the rest, and the words' values."""
    found = re.search(words("families"), rest)
    every = {"admits": (Gender.FEMALE, Gender.MALE), "children": True}
    return (f"{rest[: found.start()]} {rest[found.end() :]}", every) if found else (rest, {})


def _children_alone(rest: str) -> tuple[str, dict[str, object]]:
    if re.search(rf"{words('without')}\s*{words('children')}", rest):
        return rest, {"children": False}
    return rest, {"children": True} if re.search(words("children"), rest) else {}


def children_in(cell: Raw, *, yes: bool | None) -> dict[str, object]:
    """Returns the values of a cell about children. `yes`: the answer, if the cell contains only yes or no."""
    written = as_text(cell)
    if yes is None and (number := re.fullmatch(rf"\D*?(?:0\s*{_thru()})?\s*(\d{{1,2}})\D*", written.casefold())):
        if re.search(words("until"), written.casefold()) and not re.search(_thru(), written.casefold()):
            raise _until("children_max_age", int(number[1]), written, {})
        return {"children_max_age": int(number[1])}
    if yes is False or has_word("without", written):
        return {"children": False}
    if yes or has_word("children", written):
        return {"children": True}
    choices = [Choice(str(age), "children_up_to", {"children_max_age": age}, {"age": age}) for age in (17, 12, 6, 3)]
    raise Doubt("import_ask_children", [*choices, UNKNOWN], found=written)


def _children(rest: str, written: str) -> tuple[str, dict[str, object]]:
    """Removes the words about children from a text. Returns the rest of the text, and the values of these words."""
    without = re.search(rf"{words('without')}\s*{words('children')}", rest)
    if without:
        return rest[: without.start()] + " " + rest[without.end() :], {"children": False}
    age = rf"\s*\(?\s*(?:0\s*{_DASH}\s*|({_thru()}|{words('until')}|{words('under')}|<)\s*)(\d{{1,2}})\)?"
    found = re.search(rf"(?:\+|&|/)?\s*(?:{words('with')}\s*)?{words('children')}(?:{age})?", rest)
    if not found:
        return rest, {}
    rest = rest[: found.start()] + " " + rest[found.end() :]
    if found[2] is None:
        return rest, {"children": True}
    oldest = int(found[2])
    if found[1] and re.fullmatch(words("until"), found[1]):
        _, others = _ages(rest, written)
        admits = _genders(rest)[1]
        raise _until("children_max_age", oldest, written, {**others, **({"admits": admits} if admits else {})})
    under = found[1] and (found[1] == "<" or re.fullmatch(words("under"), found[1]))
    return rest, {"children_max_age": oldest - bool(under)}


def _until(column: str, age: int, written: str, gives: dict[str, object]) -> Doubt:
    choices = [Choice(str(one), "up_to_age", {**gives, column: one}, {"age": one}) for one in (age, age - 1)]
    return Doubt("import_ask_until_age", [*choices, UNKNOWN], str(age - 1), found=written)


def _ages(rest: str, written: str) -> tuple[str, dict[str, object]]:
    """Removes the words about ages from a text. Returns the rest of the text, and the values of these words."""
    between = re.search(rf"(?:{words('from')}\s*)?{_AGE}\s*(?:{_thru()}|({words('until')}))\s*{_AGE}", rest)
    if between:
        first, last = int(between[1]), int(between[3])
        rest = rest[: between.start()] + " " + rest[between.end() :]
        admits = _genders(rest)[1]
        if between[2]:
            raise _until("max_age", last, written, {"min_age": first, **({"admits": admits} if admits else {})})
        return rest, {"min_age": first, "max_age": last}
    both = re.search(rf"(?:{words('from')}\s*)?\b(\d{{1,2}})\s*(?:&|/|\ben\b|\band\b)\s*(\d{{1,2}})\b", rest)
    if both and int(both[2]) == int(both[1]) + 1:
        return f"{rest[: both.start()]} {rest[both.end() :]}", {"min_age": int(both[1]), "max_age": int(both[2])}
    from_ = re.search(
        rf"(?:{words('from')}|≥|>=)\s*{_AGE}(?:\s*{words('older')})?|{_AGE}\s*(?:\+|{words('older')})", rest
    )
    if from_:
        return rest[: from_.start()] + " " + rest[from_.end() :], {"min_age": int(from_[1] or from_[2])}
    up_to = re.search(
        rf"(?:(?:{words('thru')}|≤|<=)|({words('until')})|({words('under')}[/-]?|<|{_DASH}))\s*{_AGE}", rest
    )
    if up_to:
        age = int(up_to[3])
        rest = rest[: up_to.start()] + " " + rest[up_to.end() :]
        if up_to[1]:
            raise _until("max_age", age, written, {})
        return rest, {"max_age": age - bool(up_to[2])}
    younger = re.fullmatch(rf"\s*(\d{{1,2}})\s*{_DASH}\s*", rest)  # such as `23-`, beside `23+`
    if found := younger or re.search(words("adults"), rest):
        ages = {"max_age": int(younger[1]) - 1} if younger else {"min_age": ADULT}
        return rest[: found.start()] + " " + rest[found.end() :], dict(ages)
    return rest, {}


def _genders(rest: str) -> tuple[str, tuple[Gender, ...]]:
    """Removes the words for genders from a text. Returns the rest of the text, and the genders."""
    both = re.search(words("both"), rest)
    if both:
        return rest[: both.start()] + " " + rest[both.end() :], (Gender.FEMALE, Gender.MALE)
    found: list[Gender] = []
    kept = []
    for word in re.split(r"[\s/+&,;()]+", rest):
        code = codes_by_word(Gender).get(plain(word)) or _abbreviated(plain(word)) if plain(word) else None
        if isinstance(code, Gender):
            found += [code] if code not in found else []
        else:
            kept.append(word)
    return " ".join(kept), tuple(sorted(found))


def _abbreviated(word: str) -> Gender | None:
    """Returns the gender that an abbreviation without vowels means, such as `vrw`; `None` if it is ambiguous."""
    if len(word) < _SHORTEST or re.search(_VOWELS, word):
        return None
    known = {(code, re.sub(_VOWELS, "", name)) for name, code in codes_by_word(Gender).items()}
    found = {code for code, bare in known if bare.startswith(word) and isinstance(code, Gender)}
    return found.pop() if len(found) == 1 else None


def unclear(written: str, gives: dict[str, object]) -> Doubt:
    """Returns the question about the persons whom a unit admits. `gives`: the values that were read."""
    sets: dict[str, tuple[Gender, ...]] = {
        "women": (Gender.FEMALE,),
        "men": (Gender.MALE,),
        "women_and_men": (Gender.FEMALE, Gender.MALE),
    }
    choices = [Choice(name, name, {**gives, "admits": admits}) for name, admits in sets.items()]
    unit = {name: value for name, value in gives.items() if name == "unit"}
    now = gives.get("admits")
    guess = next((name for name, admits in sets.items() if admits == now), LEFT_OUT_VALUE)
    return Doubt("import_ask_people", [*choices, Choice(LEFT_OUT_VALUE, "unknown", unit)], guess, found=written)
