"""The contact of the service: a setting, which the description of the API shows."""

import pytest

from placement.core.errors import Misconfigured
from placement.core.setting_parts import Contact
from placement.core.settings import Settings

NAMES = {
    "PLACEMENT_CONTACT_NAME": "Placement desk",
    "PLACEMENT_CONTACT_EMAIL": "desk@placement.example",
    "PLACEMENT_CONTACT_URL": "https://placement.example/help",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLACEMENT_VAR", str(tmp_path))


def test_contact_is_none_unless_a_part_of_it_is_set(monkeypatch):
    assert Settings.from_environment().contact is None
    monkeypatch.setenv("PLACEMENT_CONTACT_EMAIL", " ")
    assert Settings.from_environment().contact is None
    monkeypatch.setenv("PLACEMENT_CONTACT_EMAIL", "desk@placement.example")
    assert Settings.from_environment().contact == Contact(email="desk@placement.example")
    for name, value in NAMES.items():
        monkeypatch.setenv(name, value)
    assert Settings.from_environment().contact == Contact(*NAMES.values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLACEMENT_CONTACT_EMAIL", "the desk"),
        ("PLACEMENT_CONTACT_EMAIL", "desk@placement.example\nBcc: x@y.example"),
        ("PLACEMENT_CONTACT_URL", "placement.example"),
        ("PLACEMENT_CONTACT_URL", "javascript:alert(1)"),
        ("PLACEMENT_CONTACT_URL", "http://placement.example"),
    ],
)
def test_contact_that_cannot_be_reached_is_refused_by_its_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=name):
        Settings.from_environment()
