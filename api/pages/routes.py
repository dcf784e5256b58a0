"""Every page, with its guard, and what is said to who may not see it."""

from litestar import Router
from litestar.di import Provide

from api.pages import capacity, care, changes, country, drafts, proposals, registrations, sign_in, today
from api.pages.forms import acts_of_form, form_of, genuine
from api.pages.refused import of_page
from placement.errors import PlacementError

PAGES = Router(
    path="/",
    include_in_schema=False,
    guards=[genuine],
    dependencies={"acts": Provide(acts_of_form), "form": Provide(form_of)},
    exception_handlers={PlacementError: of_page},
    route_handlers=[
        sign_in.ask_who,
        sign_in.give_password,
        sign_in.give_code,
        sign_in.sign_out,
        sign_in.choose_language,
        today.show_today,
        today.show_board,
        changes.watch,
        registrations.list_all,
        drafts.ask_new,
        drafts.register,
        drafts.save_section,
        drafts.ask_again,
        drafts.change,
        registrations.lift,
        registrations.show,
        registrations.open_case,
        registrations.propose,
        registrations.close,
        proposals.show,
        proposals.decide,
        proposals.confirm,
        care.list_holds,
        care.answer,
        care.arrive,
        care.release,
        care.list_stays,
        care.end,
        care.name_blocker,
        capacity.show,
        capacity.report,
        capacity.confirm,
        country.show,
        country.show_shortage,
    ],
)
