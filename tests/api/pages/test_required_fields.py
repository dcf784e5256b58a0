"""Marks of required fields: no form refuses an empty field that it does not mark as required."""

import re
from html.parser import HTMLParser

import pytest

from tests.support.api.callers import callers_of
from tests.support.api.page_cells import address, ask, cells, may
from tests.support.api.pages import signed_in
from tests.support.api.resources import OWN, things_of
from tests.support.stores import one_store

OF_THE_FRAME = {"/sign-out", "/language", "/search"}
TYPED = {
    "date": "2026-12-24",
    "month": "2026-11",
    "email": "a@b.example",
    "tel": "030 000 00 09",
    "url": "https://b.example",
}
"""Values by type of input; the other inputs get a number, which is a text too."""
FEW = 4
"""The most unmarked fields in a form that marks other fields without an explanation of the marks."""
OF_NO_FIELD = {
    "chosen": "rows of a list",
    "titles": "a title in at least one language, as a hint requires",
    "wants_place": "its label begins with *If reached*",
    "region": "follows from the municipality, if there are municipalities",
}
"""Faults that no mark announces, each with the reason."""


class Form:
    """A form of a page. `kept`: what it sends if nobody fills it in. `fields`: a valid value for each other field.
    `boxes`: the fields that a browser sends only if they are ticked.
    """

    def __init__(self, action):
        self.action = action
        self.fields, self.kept, self.required, self.boxes = {}, {}, set(), set()

    @property
    def kind(self):
        return re.sub(r"(?<=/)[A-Z][0-9A-Z-]{2,}", "*", self.action)

    @property
    def is_long(self):
        return bool(self.required) and len(self.fields.keys() - self.boxes - self.required) > FEW

    def empty(self):
        return self.kept | dict.fromkeys(self.fields.keys() - self.boxes, "")

    def filled(self):
        return self.empty() | {name: value for name, value in self.fields.items() if name in self.required}

    def is_marked(self, field):
        return field in OF_NO_FIELD or any(one == field or one.startswith(f"{field}.") for one in self.required)


class Forms(HTMLParser):
    """The forms of a page that change something."""

    def __init__(self, page):
        super().__init__()
        self.found, self.form, self.group, self.select, self.has_empty = [], None, "", "", False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        one = dict(attrs)
        if tag == "form" and one.get("method") == "post":
            self.form = Form(one["action"])
            self.found.append(self.form)
        elif self.form is None:
            return
        elif tag == "fieldset":
            self.group = one.get("id") or ""
        elif tag == "span" and one.get("class") == "needed" and "aria-hidden" not in one:
            self.form.required.add(self.group)
        elif tag == "button" and "name" in one and not one.keys() & {"formaction", "formnovalidate"}:
            self.form.kept.setdefault(one["name"], one["value"])
        elif tag == "option" and self.select:
            self._option(one["value"])
        elif tag in {"input", "select", "textarea"} and "name" in one:
            self._control(tag, one["name"], one.get("type", "text"), one)

    def _option(self, value):
        """Takes the first option with a value. A list without an empty option always sends a value."""
        self.has_empty = self.has_empty or not value
        known = self.form.fields if self.has_empty else self.form.kept
        if value and self.select not in self.form.fields | self.form.kept:
            known[self.select] = value

    def _control(self, tag, name, kind, one):
        if "required" in one or one.get("aria-required") == "true" or (self.group and self.group in self.form.required):
            self.form.required.add(name)
        if kind == "hidden":
            if name != "csrf_token":  # `ask` sends its own
                self.form.kept[name] = one.get("value", "")  # a script fills the others
        elif tag == "select":
            self.select, self.has_empty = name, False
        elif kind != "file":
            self.form.fields.setdefault(name, one["value"] if kind in {"radio", "checkbox"} else TYPED.get(kind, "1"))
            if kind in {"radio", "checkbox"}:
                self.form.boxes.add(name)

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "fieldset":
            self.group = ""
        elif tag == "select":
            self.select = ""


def faulty(answer):
    return set(re.findall(r'id="([\w.]+)-fault"', answer.text)) if answer.status_code >= 400 else set()


@pytest.mark.wide
@one_store
def test_no_form_refuses_an_empty_field_without_mark(service):
    """Sends each form empty, and then with the marked fields alone."""
    callers = callers_of(service)
    things = things_of(service, callers)
    seen, found = set(), set()
    for template, permission, role, whose in cells("GET"):
        if not (role.is_person and whose == OWN and may(permission, role, whose)):
            continue
        page, _ = ask(service, callers[role], "GET", address(template, role, whose, things))
        for form in Forms(page.text).found:
            if not form.fields or form.action in OF_THE_FRAME or (role, form.kind) in seen:
                continue
            seen.add((role, form.kind))
            for sent in (form.empty(), form.filled()):
                answer, _ = ask(service, callers[role], "POST", form.action, sent)
                left_empty = {one for one in faulty(answer) if not sent.get(one) and one not in form.kept}
                found |= {(template, role.value, form.kind, one) for one in left_empty if not form.is_marked(one)}
            if form.is_long and 'class="hint marks"' not in page.text:
                found.add((template, form.kind, "no explanation"))
    assert found == set()
    assert len(seen) > 100


@pytest.mark.wide
@one_store
def test_choice_of_several_has_its_hint(service):
    page = signed_in(service, "desk", language="en").get("/registrations/new").text
    boxes = page.split('id="needs"')[1].split('id="room_needs"')[0]
    assert "only if the unit must be equipped for families" in boxes
