"""The page of a shelter's telephone numbers: which are new, the form to change them, and the desk's check."""

from api.pages.declared_pages import form, screen
from api.v1 import shelter_telephones
from placement.access.fresh_factor import is_fresh

HERE = "/shelters/{shelter_id:str}/telephones"

show = screen(
    HERE,
    "shelter_telephones.html",
    code="telephones",
    known=shelter_telephones.read_shelter_telephones,
    factor_needed=lambda act: not is_fresh(act),
    now=lambda _, known: {one.use.value: one.number for one in known.numbers},
)
change = form(HERE, shelter_telephones.change_shelter_telephones, show)
check = form(f"{HERE}/check", shelter_telephones.check_shelter_telephone, show)
