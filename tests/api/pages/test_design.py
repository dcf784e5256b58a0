"""The page of the design, which only a trial of the service has: each named property, and each list in its states."""

import re

import pytest

from api.pages import rendering
from api.pages.style_sheet import COLOURS, SCHEMES, SIZES, SPACES, properties
from tests.support.api.pages import signed_in
from tests.support.settings import changed
from tests.support.stores import one_store

PATH = "/help/design"
LISTS = ("Queue", "Table", "Cards", "Tiles", "Fourteen days of beds", "What happened")
STATES = ("empty", "loading", "in part", "wrong", "overfull")


@pytest.fixture
def tried_out(service, monkeypatch):
    monkeypatch.setattr(service.app.state, "settings", changed(service.app.state.settings, plain_http=True))
    return service


@pytest.mark.wide
@one_store
def test_design_page_is_shown_where_it_is_tried_out_only(service):
    reader = signed_in(service, "desk")
    assert PATH not in reader.get("/help").text
    assert reader.get(PATH).status_code == 404


@pytest.mark.wide
@one_store
def test_each_named_property_is_on_the_page(tried_out):
    reader = signed_in(tried_out, "desk")
    assert f'href="{PATH}"' in reader.get("/help").text
    shown = reader.get(PATH).text
    assert {name for name in (*COLOURS, *SIZES, *SPACES) if f"<code>--{name}</code>" not in shown} == set()
    swatches = re.findall(r'<rect width="100%" height="100%" fill="(#[0-9a-f]{6,8})"/>', shown)
    assert swatches == [properties(scheme)[name] for name in COLOURS for scheme in SCHEMES.values()]


@pytest.mark.wide
@pytest.mark.parametrize("language", ["en", "nl"])
@one_store
def test_each_list_is_shown_in_each_state(tried_out, language):
    shown = signed_in(tried_out, "desk", language=language).get(PATH).text
    found = re.findall(r'<article class="card" aria-label="([^":]+): ([^"]+)">', shown)
    assert len(set(found)) == len(found) == len(LISTS) * len(STATES)
    if language == "en":
        assert set(found) == {(one, state) for one in LISTS for state in STATES}
    ids = re.findall(r' id="([^"]+)"', re.sub(r"<template.*?</template>", "", shown, flags=re.DOTALL))
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.wide
@pytest.mark.parametrize("written", [":root { --basis-color-action-1-color-default: #154273; }", None])
@one_store
def test_style_sheet_of_an_organisation_is_linked_after_ours(service, tmp_path, monkeypatch, written):
    file = tmp_path / "theme.css"
    if written:
        file.write_text(written)
    monkeypatch.setattr(rendering, "THEME", file)
    rendering._environment.cache_clear()
    shown = signed_in(service, "desk").get("/help").text
    rendering._environment.cache_clear()
    links = re.findall(r'<link rel="stylesheet" href="([^"]+)">', shown)
    assert links == ["/static/placement.css", "/static/pages.css", *(["/static/theme.css"] if written else [])]
