"""Every page, with its guard, and what is said to who may not see it."""

from litestar import Router
from litestar.di import Provide

from api.pages import country, messages, proposals, registrations, shelter, sign_in, today
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
        registrations.list_all,
        registrations.ask_new,
        registrations.register,
        registrations.show,
        registrations.open_case,
        registrations.propose,
        registrations.close,
        proposals.show,
        proposals.decide,
        proposals.confirm,
        shelter.list_holds,
        shelter.answer,
        shelter.arrive,
        shelter.list_stays,
        shelter.end,
        shelter.show_capacity,
        shelter.report,
        shelter.confirm,
        country.show,
        messages.show_messages,
        messages.retry,
        messages.show_subscription,
        messages.choose,
    ],
)
