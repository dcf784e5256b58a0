"""An operator finds every setting in one table, which is made from the settings themselves."""

import pytest

from placement.core.errors import Misconfigured
from placement.core.settings import Environment, Settings
from tests.support import settings_table

VARIABLES = {field.validation_alias: field for field in Environment.model_fields.values()}


def wanted(field):
    """Returns the words that describe a valid value of this variable; nothing for free text."""
    return [words for words in field.metadata if isinstance(words, str)]


def test_table_in_the_guide_is_the_one_made_from_the_settings():
    page = settings_table.PAGE.read_text()
    assert page == settings_table.with_table(page), "run: python -m tests.support.settings_table"


def test_table_has_a_row_for_each_variable_with_all_columns():
    _, _, *rows = settings_table.table().splitlines()
    assert [row.split("`")[1] for row in rows] == list(VARIABLES)
    assert len(rows) > 35
    for row in rows:
        assert all(cell.strip() not in {"", "None", "``"} for cell in row.split("|")[1:-1]), row


@pytest.mark.parametrize("name", [name for name, field in VARIABLES.items() if wanted(field)])
def test_wrong_value_is_told_in_one_line_with_what_it_must_be(monkeypatch, tmp_path, name):
    for other in VARIABLES:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv("PLACEMENT_VAR", str(tmp_path))
    monkeypatch.setenv(name, "non@sense,\nin two lines")
    with pytest.raises(Misconfigured, match=rf"^{name} must .+; it is '.+'$") as wrong:
        Settings.from_environment()
    assert len(str(wrong.value).splitlines()) == 1


@pytest.mark.parametrize("name", [name for name, field in VARIABLES.items() if not wanted(field)])
def test_variable_of_free_text_is_refused_by_no_rule_of_its_own(monkeypatch, tmp_path, name):
    """Else `Settings` has no words for its fault."""
    monkeypatch.setenv("PLACEMENT_VAR", str(tmp_path))
    for value in ("", "non@sense,\nin two lines", "-1"):
        monkeypatch.setenv(name, value)
        Environment()


def test_field_names_are_no_variables(monkeypatch):
    """Only the names of the table are read: `hosts` or `address` in the environment belong to others."""
    for name in Environment.model_fields:
        monkeypatch.setenv(name, "-1")
    assert Settings.from_environment().address == ""


def test_settings_cannot_be_changed_or_misspelt():
    with pytest.raises(ValueError, match="frozen"):
        Settings().plain_http = True
    with pytest.raises(ValueError, match="hold_lifetimes"):
        Settings(hold_lifetimes=1)
