"""The page on which a shelter answers all its open questions at once."""

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.declared_pages import screen
from api.pages.event_plans import answers_in
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm
from api.pages.holds import HERE as HOLDS
from api.v1 import house_answers as routes
from api.v1.holds import HoldOut, list_holds
from api.v1.house_answers import HouseAnswerIn
from api.v1.vocabulary import reasons
from placement.access.permissions import Permission
from placement.core.codes import HoldStatus
from placement.core.context import Act
from placement.core.reason_codes import Step
from placement.tasks.task_views import look_at_holds

HERE = f"{HOLDS}/answers"
MOST = 200


def _asked(act: Act) -> list[HoldOut]:
    found = list_holds(act, HoldStatus.WAITING_FOR_SHELTER, None, MOST, 0).items
    look_at_holds(act, [row.id for row in found])
    return found


show = screen(
    HERE,
    "holds_answers.html",
    under=(Permission.HOLD_ANSWER, Permission.HOLD_READ),
    asked=_asked,
    reasons=lambda act, language: reasons(act, language, Step.REFUSE),
)


@post(HERE, permission=Permission.HOLD_ANSWER)
@form_on(show)
def answer(acts: RequestActs, form: SentForm) -> str:
    wanted = given(HouseAnswerIn, answers_in(form))
    acts.write(lambda act: routes.answer_holds(act, wanted))
    return HOLDS
