"""The page of standing mandates, with a form for a new mandate."""

from api.pages.declared_pages import form, screen
from api.v1 import mandates
from placement.access.fresh_factor import is_fresh

HERE = "/mandates"

show = screen(HERE, "mandates.html", mandates=mandates.list_mandates, factor_needed=lambda act: not is_fresh(act))
give = form(HERE, mandates.give_mandate, show)
revoke = form(f"{HERE}/{{mandate_id:str}}/revoke", mandates.revoke_mandate, show)
