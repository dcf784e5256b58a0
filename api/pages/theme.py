"""The file of a theme, laid over the style sheet: read by a strict grammar, and refused whole where it says more.

It may set custom properties of `:root` and nothing else, none of ours, and the tokens that count only to a colour or to
names of letters (docs/guide/pages.md). `python -m api.pages.theme FILE` tells whether a file is taken; without a file,
ours, or `none` where there is none.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import structlog

from api.pages import style_sheet
from api.pages.style_sheet import Pair, Properties, pairs, properties, tokens

_LOG = structlog.get_logger()
UNREADABLE = 2 / 3
"""A pair with less than this part of the contrast that it needs hides what it shows (assumed): 3 of 4.5 for text."""
LARGEST = 500_000
"""Bytes of a file; a published theme has 208,000."""
_COMMENT = re.compile(r"(\"[^\"\n]*\"|'[^'\n]*')|/\*.*?\*/", re.DOTALL)
"""Or a text in quotes, in which none begins."""
_TEXT = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLOCK = re.compile(r"\s*:root\s*\{([^{}]*)\}")
_NAME = re.compile(r"--[A-Za-z][\w-]*", re.ASCII)
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_REFERENCE = re.compile(r"var\((--[A-Za-z][\w-]*)\)", re.ASCII)
_LETTERS = re.compile(r"(?:'[A-Za-z0-9 -]+'|\"[A-Za-z0-9 -]+\"|[A-Za-z][A-Za-z0-9-]*)(?:, ?|$)")
_NO_LETTERS = re.compile(r"dings|symbol|emoji|icon|marlett|barcode|blank|redact", re.IGNORECASE)
_UNSAFE = re.compile(r"[\\<>@!;{}]|/\*|\burl\s*\((?![\"'])", re.IGNORECASE)


class RefusedTheme(Exception):
    """The message names the line and the property."""

    def __init__(self, line: int, name: str, why: str) -> None:
        super().__init__(f"line {line}: {name}: {why}" if name else f"line {line}: {why}")


def read(text: str) -> Properties:
    """The tokens that count, by name without the dashes, each with its colour `#rrggbb` or its letters.

    Raises `RefusedTheme`.
    """
    text = text.replace("\r\n", "\n")
    if control := _CONTROL.search(text):
        raise RefusedTheme(_line(text, control.start()), "", "has a character that is no text")
    plain = _COMMENT.sub(lambda found: found[1] or re.sub(r"[^\n]", " ", found[0]), text)
    bare = _TEXT.sub(lambda found: found[0][0] + re.sub(r"[^\\]", "x", found[0][1:-1]) + found[0][-1], plain)
    named: dict[str, tuple[str, int]] = {}
    at = 0
    while bare[at:].strip():
        block = _BLOCK.match(bare, at)
        if block is None:
            raise RefusedTheme(_line(plain, at + _spaces(plain[at:])), "", "only `:root { ... }` can stand here")
        for name, value, line in _declarations(plain, bare, block.start(1), block.end(1)):
            named[name] = value, line
        at = block.end()
    counted = dict.fromkeys(token for _, token in tokens())
    return {token: _value(token, named) for token in counted if f"--{token}" in named}


def accepted(file: Path | None = None) -> Properties | None:
    """The tokens of the file; None where there is no file, or it is refused: then the pages have our colours."""
    try:
        return checked(style_sheet.THEME if file is None else file)
    except (OSError, RefusedTheme):
        return None


def checked(file: Path) -> Properties:
    """Raises `RefusedTheme`, and `OSError` where there is no file."""
    if file.stat().st_size > LARGEST:
        raise RefusedTheme(1, "", f"a file of more than {LARGEST} bytes")
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedTheme(1, "", "not written in UTF-8") from error
    found = read(text)
    for pair in weak_pairs(found):
        if pair.contrast < UNREADABLE * pair.least:
            name, line = _named_by(pair, found, text)
            raise RefusedTheme(
                line, name, f"{pair.front} on {pair.ground} has a contrast of {pair.contrast:.1f}: it cannot be read"
            )
    return found


def weak_pairs(theme: Properties) -> list[Pair]:
    """Those with less contrast than they need."""
    return [pair for pair in pairs(properties("", theme)) if pair.contrast < pair.least]


def note_at_start() -> None:
    """Says in the log what of the theme is refused, and which pairs have too little contrast."""
    file = style_sheet.THEME
    if not file.is_file():
        return
    try:
        found = checked(file)
    except (OSError, RefusedTheme) as wrong:
        _LOG.error("theme.refused", file=file.name, why=str(wrong))
        return
    for pair in weak_pairs(found):
        _LOG.warning("theme.contrast", front=pair.front, ground=pair.ground, contrast=round(pair.contrast, 2))


def _declarations(plain: str, bare: str, at: int, end: int) -> Iterator[tuple[str, str, int]]:
    """Name, value and line of each; `bare`: the same without what stands in quotes. Raises `RefusedTheme`."""
    for part in bare[at:end].split(";"):
        start, at = at, at + len(part) + 1
        if not part.strip():
            continue
        line = _line(plain, start + _spaces(part))
        name, colon, value = (one.strip() for one in part.partition(":"))
        if not colon or not _NAME.fullmatch(name):
            raise RefusedTheme(line, name.split("\n")[0][:60], "only custom properties can be set")
        _require_plain(name, value, line)
        yield name, plain[start : start + len(part)].partition(":")[2].strip(), line


def _require_plain(name: str, value: str, line: int) -> None:
    """Raises `RefusedTheme`."""
    if name.removeprefix("--") in _ours():
        raise RefusedTheme(line, name, "is a property of ours, which no theme sets")
    if "\n" in value or _UNSAFE.search(value) or any(value.count(quote) % 2 for quote in "'\""):
        raise RefusedTheme(line, name, "its value has more than a plain value has")
    depth = 0
    for one in value:
        depth += (one in "([") - (one in ")]")
        if depth < 0:
            break
    if depth:
        raise RefusedTheme(line, name, "its brackets do not close")


@cache
def _ours() -> frozenset[str]:
    return frozenset(properties())


def _value(token: str, named: Mapping[str, tuple[str, int]]) -> str:
    """Of a token that counts, without references to others. Raises `RefusedTheme`."""
    name = f"--{token}"
    value, line = named[name]
    seen = {name}
    while found := _REFERENCE.fullmatch(value):
        if found[1] in seen or found[1] not in named:
            raise RefusedTheme(line, name, f"{found[1]} is not in the file, or refers to itself")
        seen.add(found[1])
        value = named[found[1]][0]
    if "-color-" in token or "-bg-" in token or "-border-" in token:
        if not _COLOUR.fullmatch(value):
            raise RefusedTheme(line, name, "a colour is written #rrggbb or #rgb")
        return value if len(value) > len("#rgb") else "#" + "".join(2 * one for one in value[1:])
    if not value or _LETTERS.sub("", value) or _NO_LETTERS.search(value):
        raise RefusedTheme(line, name, "names of letters, with commas between, and none of signs in place of letters")
    return value


def _named_by(pair: Pair, found: Properties, text: str) -> tuple[str, int]:
    """The token that gives one of the two colours, and its line."""
    token = next(token for name, token in tokens() if name in {pair.front, pair.ground} and token in found)
    return f"--{token}", _line(text, text.index(f"--{token}"))


def _spaces(text: str) -> int:
    return len(text) - len(text.lstrip())


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def tell(files: Sequence[str]) -> Iterator[str]:
    """A line for each pair with too little contrast. Raises as `checked` does."""
    if not files and not style_sheet.THEME.exists():
        yield "none"
        return
    for weak in weak_pairs(checked(Path(files[0]) if files else style_sheet.THEME)):
        yield f"{weak.front} on {weak.ground}: {weak.contrast:.2f}, {weak.least} is needed"


if __name__ == "__main__":
    try:
        sys.stdout.writelines(f"{line}\n" for line in tell(sys.argv[1:]))
    except (OSError, RefusedTheme) as fault:
        sys.exit(f"refused: {fault}")
