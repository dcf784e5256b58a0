"""The custom properties of the style sheet and the contrast of its colours, for `/help/design`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

STATIC = Path(__file__).parents[1] / "static"
SHEETS = tuple(STATIC / name for name in ("placement.css", "pages.css"))
"""The style sheets in the order in which pages load them. The first has the custom properties."""
THEME = STATIC / "theme.css"
"""An optional style sheet of the organisation, which the operator adds (docs/guide/pages.md)."""
Properties = dict[str, str]
TEXT, EDGE = 4.5, 3.0
"""The smallest contrast of text, and of other elements with a meaning (WCAG 2.2, 1.4.3 and 1.4.11)."""
WORDS = ("ink", "soft", "act", "good", "warn", "bad")
GROUNDS = ("paper", "sheet", "warn-paper", "bad-paper")
SIZES = ("tiny", "small", "text", "large", "lead", "title")
COLOURS = (*WORDS, "on-act", "line", "track", *GROUNDS, "veil", "practice")
SPACES = ("s1", "s2", "press", "s3", "s4", "s5")
SCHEMES = {"light": "", "dark": "dark", "light, more contrast": "more", "dark, more contrast": "dark more"}
"""The colour schemes, with the preferences that the reader's device reports."""
_PAIRS = [
    *((front, ground, TEXT) for front, ground in product(WORDS, GROUNDS)),
    ("on-act", "act", TEXT),
    ("on-act", "practice", TEXT),
    *((part, "track", EDGE) for part in ("act", "good", "warn", "bad")),
]
_LINEAR = 0.04045
"""Up to this value a colour component is proportional to its brightness; above it a power law applies (sRGB)."""
_ROOT = re.compile(r"(?:@media ([^{]+)\{\s*)?:root \{(.*?)\}", re.DOTALL)
_PROPERTY = re.compile(r"--([\w-]+):\s*([^;]+);")
_TOKEN = re.compile(r"var\(--basis-[\w-]+, ([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of colours that are drawn on each other, with their contrast."""

    front: str
    ground: str
    least: float
    contrast: float


def properties(scheme: str = "") -> Properties:
    """Returns the custom properties for a colour scheme, without the organisation's style sheet."""
    return dict(_of(SHEETS[0].read_text(), set(scheme.split())))


def pairs(found: Properties) -> list[Pair]:
    """Returns all pairs of colours, weakest contrast first."""
    made = [Pair(front, ground, least, contrast(found[front], found[ground])) for front, ground, least in _PAIRS]
    return sorted(made, key=lambda pair: pair.contrast / pair.least)


def contrast(one: str, other: str) -> float:
    """Returns the contrast of two colours `#rrggbb`, from 1 to 21 (WCAG 2.2, relative luminance)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _of(text: str, says: set[str]) -> Iterator[tuple[str, str]]:
    for media, block in _ROOT.findall(text):
        asks = {
            word for word, condition in (("dark", "scheme: dark"), ("more", "contrast: more")) if condition in media
        }
        if asks <= says:
            yield from ((name, _TOKEN.sub(r"\1", value)) for name, value in _PROPERTY.findall(block))


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= _LINEAR else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
