"""The file of a theme: what it may say is taken, and whatever else it says refuses it, with line and property."""

import re

import pytest
from structlog.testing import capture_logs

from api.pages import rendering, style_sheet, theme
from api.pages.style_sheet import properties, tokens
from api.pages.theme import RefusedTheme, accepted, checked, read
from tests.support.api.pages import signed_in
from tests.support.stores import one_store

WARN = "--basis-color-warning-color-default"
ACT = "--basis-color-action-1-color-default"
PLAIN = f"""/* a theme: "it's" */
:root {{
  --body-picture: url("data:image/svg+xml;utf8,<svg>{"a"}</svg>"); /* not used */
  --body-blue: #036; --body-shadow: 0 1px 2px rgb(0 0 0 / 20%);
  {ACT}: var(--body-blue);
  --basis-text-font-family-default: "Fira Sans", Calibri, sans-serif;
}}
"""
FAMILY = "--basis-text-font-family-default"
WRITTEN = "a colour is written #rrggbb or #rgb"
CUSTOM = "only custom properties can be set"
OURS = "is a property of ours, which no theme sets"
NO_TEXT = "has a character that is no text"
LETTERS = "names of letters, with commas between, and none of signs in place of letters"
NOT_IN_IT = "is not in the file, or refers to itself"
OUTSIDE = "only `:root { ... }` can stand here"
PLAINLY = "its value has more than a plain value has"
HOSTILE = {
    "hides a warning": (":root {}\n.note { display: none }", 2, "", OUTSIDE),
    "hides every button": ("button, summary { visibility: hidden }", 1, "", OUTSIDE),
    "hides a fold": (":root, details { --x: 1 }", 1, "", OUTSIDE),
    "loads a sheet": ("@import url(https://example.org/a.css);", 1, "", OUTSIDE),
    "loads letters": ("@font-face { font-family: x; src: url(x) }", 1, "", OUTSIDE),
    "asks by media": ("@media print { :root { --x: 1 } }", 1, "", OUTSIDE),
    "nests a rule": (":root {\n --x: 1;\n .note { display: none }\n}", 1, "", OUTSIDE),
    "sets no custom property": (":root {\n\n  display: none;\n}", 3, "display", CUSTOM),
    "hides by content": (":root { content: 'x' }", 1, "content", CUSTOM),
    "sets ours": (":root {\n --x: 1;\n --ink: #ffffff;\n}", 3, "--ink", OURS),
    "sets a space of ours": (":root { --s3: 900rem }", 1, "--s3", OURS),
    "writes ours by an escape": (":root { --i\\6e k: #ffffff }", 1, "--i\\6e k", CUSTOM),
    "loads a picture": (":root { --x: url(https://example.org/) }", 1, "--x", PLAINLY),
    "loads by a set": (f":root {{ {ACT}: image-set('a.png' 1x) }}", 1, ACT, WRITTEN),
    "loads by a text": (f":root {{ {ACT}: url('a.png') }}", 1, ACT, WRITTEN),
    "is important": (f":root {{ {ACT}: #003366 !important }}", 1, ACT, PLAINLY),
    "ends the block in a text": (":root { --x: '/*'; } .note { display: none } :root { --y: '*/' }", 1, "", OUTSIDE),
    "escapes the end of a text": (":root { --x: '\\'; } .note { display: none } :root { --y: ' }", 1, "--x", PLAINLY),
    "leaves a text open": (':root { --x: "a; --y: 1 }', 1, "--x", PLAINLY),
    "leaves a bracket open": (":root { --x: (1; --y: 1) }", 1, "--x", "its brackets do not close"),
    "leaves a comment open": (":root { --x: 1 } /* .note", 1, "", OUTSIDE),
    "has another end of a line": (":root { --x: 'a\f} .note { display: none } :root { --y: b' }", 1, "", NO_TEXT),
    "makes a colour by a function": (f":root {{ {ACT}: rgb(0 0 0 / 0) }}", 1, ACT, WRITTEN),
    "is seen through": (f":root {{ {ACT}: #00000000 }}", 1, ACT, WRITTEN),
    "refers to nothing": (f":root {{ {ACT}: var(--ink) }}", 1, ACT, f"--ink {NOT_IN_IT}"),
    "refers to itself": (f":root {{\n --a: var(--b); --b: var(--a);\n {ACT}: var(--a) }}", 3, ACT, f"--a {NOT_IN_IT}"),
    "writes in signs": (f":root {{ {FAMILY}: Webdings }}", 1, FAMILY, LETTERS),
}


def written(tmp_path, text):
    made = tmp_path / "theme.css"
    made.write_text(text)
    return made


def test_plain_theme_is_taken():
    assert read(PLAIN) == {
        ACT.removeprefix("--"): "#003366",
        "basis-text-font-family-default": '"Fira Sans", Calibri, sans-serif',
    }
    assert read("") == read(":root{}\r\n:root { --x: 1px }") == {}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_by_line_and_property(name, tmp_path):
    text, line, prop, why = HOSTILE[name]
    with pytest.raises(RefusedTheme) as fault:
        read(text)
    assert str(fault.value) == (f"line {line}: {prop}: {why}" if prop else f"line {line}: {why}")
    assert accepted(written(tmp_path, text)) is None


@pytest.mark.parametrize(
    ("token", "colour", "front"),
    [
        (WARN, "#fdf0dc", "warn"),
        ("--basis-color-default-color-document", "#fffdf9", "ink"),
        (ACT, "#ffffff", ""),
        ("--basis-color-default-bg-document", "#1c2427", ""),
    ],
)
def test_colours_that_hide_words_refuse_the_theme(token, colour, front, tmp_path):
    """A warning in the colour of its ground is not there."""
    with pytest.raises(RefusedTheme, match=rf"line 2: {token}: {front}.* it cannot be read"):
        checked(written(tmp_path, f":root {{\n  {token}: {colour};\n}}"))


@pytest.mark.wide
def test_every_taken_theme_leaves_each_pair_readable(tmp_path):
    """Of all single greys for all tokens of colour: what is taken has two thirds of the contrast that is needed."""
    taken = 0
    for _, token in tokens():
        for grey in range(0, 256, 17):
            found = accepted(written(tmp_path, f":root {{ --{token}: #{grey:02x}{grey:02x}{grey:02x} }}"))
            if found is not None and "color" in token:
                taken += 1
                light = properties("", found)
                assert light == properties("") | {name: light[name] for name, one in tokens() if one == token}
                assert all(pair.contrast >= theme.UNREADABLE * pair.least for pair in style_sheet.pairs(light))
    assert taken > 20


def test_what_is_not_text_or_is_too_large_is_refused(tmp_path):
    made = tmp_path / "theme.css"
    made.write_bytes(b":root { --x: \xff }")
    with pytest.raises(RefusedTheme, match="UTF-8"):
        checked(made)
    made.write_text(" " * 500_001)
    with pytest.raises(RefusedTheme, match="500000 bytes"):
        checked(made)


@one_store
@pytest.mark.parametrize(
    "text", [HOSTILE["hides a warning"][0], ":root { --basis-color-warning-color-default: #fdf0dc }"]
)
def test_refused_theme_is_linked_nowhere_and_told_at_start(service, text, tmp_path, monkeypatch):
    monkeypatch.setattr(style_sheet, "THEME", written(tmp_path, text))
    with capture_logs() as lines:
        theme.note_at_start()
    [line] = lines
    assert (line["event"], line["log_level"]) == ("theme.refused", "error")
    assert re.match(r"line \d: ", line["why"])
    rendering._environment.cache_clear()
    assert "theme.css" not in signed_in(service, "desk").get("/help").text
    rendering._environment.cache_clear()


def test_pair_with_too_little_contrast_is_told_at_start(tmp_path, monkeypatch):
    monkeypatch.setattr(
        style_sheet, "THEME", written(tmp_path, ":root { --basis-color-default-color-subtle: #808080 }")
    )
    with capture_logs() as lines:
        theme.note_at_start()
    assert {(line["event"], line["front"]) for line in lines} == {("theme.contrast", "soft")}
    monkeypatch.setattr(style_sheet, "THEME", tmp_path / "none.css")
    with capture_logs() as lines:
        theme.note_at_start()
    assert lines == []
