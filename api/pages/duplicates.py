"""The page with a registration beside similar registrations: to compare, link and merge them."""

from api.pages.declared_pages import form, screen
from api.pages.forms import Form
from api.v1 import duplicates, registrations
from placement.registrations.case_handles import handle_of

CASE = "/registrations/{registration_id:str}"


def _other(form: Form) -> dict[str, str]:
    return form.case("other")


def _merged(form: Form) -> dict[str, str]:
    """Returns the input of a merge: the other case, and the recorded relation that the page showed."""
    meant = form.case("other").get("other", "")
    shown = ((field.removeprefix("said."), kind) for field, kind in form.fields if field.startswith("said."))
    found = [kind for reference, kind in shown if meant == reference or meant.casefold() == handle_of(reference)]
    return form.case("other") | ({"replaces": found[0]} if len(found) == 1 else {})


show = screen(
    f"{CASE}/links",
    "duplicates.html",
    code="links",
    one=registrations.read_registration,
    found=duplicates.list_links,
)
link = form(f"{CASE}/links", duplicates.link_registration, show, typed=False, facts=_other)
merge = form(f"{CASE}/merge", duplicates.merge_registration, show, to=CASE, facts=_merged)
