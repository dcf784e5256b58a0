"""One system of type, space, colour, elevation and motion: what a rule uses is named at the top of the style sheet."""

import re

import pytest

from api.pages.style_sheet import EDGE, SCHEMES, SHEETS, SIZES, SPACES, contrast, pairs, properties

DARK = SCHEMES["dark"]
NAMES = properties()
WRITTEN = "".join(sheet.read_text() for sheet in SHEETS)
LENGTH = re.compile(r"(?<![\w#.-])-?(?:\d+\.)?\.?\d*(?:rem|em|px|ch|pt)\b")
COLOURED = re.compile(r"(?:.*-)?(?:color|background|border(?:-\w+)?|outline|fill|stroke|shadow)")
SPACED = re.compile(r"(?:padding|margin|(?:row-|column-)?gap)(?:-\w+)*")
LITERAL = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(")
NAMED = {
    "black",
    "white",
    "gray",
    "grey",
    "silver",
    "red",
    "green",
    "blue",
    "yellow",
    "orange",
    "purple",
    "navy",
    "brown",
}
"""The names that are written by habit; those of the system (Canvas, LinkText) are the reader's own and allowed."""
EDGES = {"0", "0px", "1px", "2px", NAMES["mark"]}


def declarations(text):
    """Returns each declaration outside the named properties, as (property, value)."""
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    rules = re.sub(r":root \{.*?\}", "", bare, flags=re.DOTALL)
    return [
        (name, value.strip())
        for block in re.findall(r"\{([^{}]*)\}", rules)
        for name, _, value in (one.strip().partition(":") for one in block.split(";"))
        if value
    ]


def faults(text):
    """Returns the values of a style sheet that the system does not name."""
    found = []
    for name, value in declarations(text):
        written = {"0" + one if one.startswith(".") else one for one in LENGTH.findall(value)}
        words = set(re.sub(r"var\([^)]*\)|url\([^)]*\)", "", value).replace(",", " ").split())
        if LITERAL.search(value) or (COLOURED.fullmatch(name) and words & NAMED):
            found.append(("colour", name, value))
        if name in {"font", "font-size"} and written - scale(SIZES):
            found.append(("size", name, value))
        # A height of a line (lh) gives what is pressed its least height: a computation, not a space.
        if SPACED.fullmatch(name) and "lh" not in value and written - scale(SPACES) - EDGES:
            found.append(("space", name, value))
        if name in {"transition", "animation"} and re.search(r"[\d.]+m?s\b", value):
            found.append(("motion", name, value))
        if name == "box-shadow" and "inset" not in value and value not in {"var(--above)", "none"}:
            found.append(("elevation", name, value))
    return found


def scale(names):
    return {"0" + NAMES[one] if NAMES[one].startswith(".") else NAMES[one] for one in names}


def test_rules_use_only_what_the_system_names():
    assert faults(WRITTEN) == []
    assert len(declarations(WRITTEN)) > 600


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("a { color: #123456; }", "colour"),
        ("a { border: 1px solid red; }", "colour"),
        ("a { background: rgb(0 0 0 / .4); }", "colour"),
        ("a { font-size: .9375em; }", "size"),
        ("a { font: 1.1rem/1.5 serif; }", "size"),
        ("a { padding: 0 .3rem; }", "space"),
        ("@media print { a { row-gap: 3rem; } }", "space"),
        ("a { transition: color .2s; }", "motion"),
        ("a { box-shadow: 0 1px 2px var(--ink); }", "elevation"),
    ],
)
def test_rule_beside_the_system_is_found(rule, kind):
    assert [one[0] for one in faults(f":root {{ --ink: #000000; }}\n{rule}")] == [kind]


def test_scales_are_short_and_rise():
    for names, most in ((SIZES, 6), (SPACES, 7)):
        rems = [float(NAMES[name].removesuffix("rem")) for name in names]
        assert len(names) <= most
        assert rems == sorted(set(rems))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_contrast_of_each_pair_of_meaning_is_enough(scheme):
    found = pairs(properties(SCHEMES[scheme]))
    assert len(found) == 30
    assert [pair for pair in found if pair.contrast < pair.least] == []


def test_more_contrast_gives_more():
    for scheme in ("", DARK):
        usual, more = (min(one.contrast for one in pairs(properties(f"{scheme} {word}")) if one.ground != "track")
                       for word in ("", "more"))  # fmt: skip
        assert more >= 7 > usual
        said = properties(f"{scheme} more")
        assert contrast(said["line"], said["sheet"]) >= EDGE  # usual lines part things, and mean nothing


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # the known lightest grey for text


def test_dark_changes_every_colour():
    light, dark = properties(), properties(DARK)
    coloured = {name for name, value in light.items() if value.startswith("#")}
    assert len(coloured) == 15
    assert {name for name in coloured if light[name] == dark[name]} == set()


def test_motion_ends_where_a_reader_wants_less():
    rules = WRITTEN.partition("@media (prefers-reduced-motion: reduce) {")[2].splitlines()[0]
    assert "*, ::before, ::after { animation: none !important; transition: none !important;" in rules


def test_colours_of_an_organisation_count_in_light_only():
    light, *others = re.findall(r":root \{(.*?)\}", WRITTEN, re.DOTALL)
    assert len(re.findall(r"var\(--basis-", light)) > 10
    assert [one for one in others if "--basis-" in one] == []
