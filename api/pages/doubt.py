"""The page of rows in doubt, and of their release by two persons, or for tonight by the person on call."""

from api.pages.declared_pages import form, screen
from api.v1 import doubt, second_person
from placement.access.fresh_factor import is_fresh

HERE = "/doubt"

show = screen(HERE, "doubt.html", found=doubt.read_doubt, verified=is_fresh)
ask = form(f"{HERE}/ask", doubt.request_release, show)
grant = form(f"{HERE}/{{request_id:str}}/grant", second_person.grant_second_person_request, show, to=HERE)
release_tonight = form(f"{HERE}/tonight", doubt.release_tonight, show)
