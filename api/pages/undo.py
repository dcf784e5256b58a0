"""Undo, for ten seconds, of an act that has told nobody: what was before is put back by an ordinary act.

The browser keeps what it was, sealed; the log has both acts. What sends a mail or a notice, keeps a bed or moves a case
on has no undo (docs/guide/pages.md).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.http.context import Acts, RequestActs
from api.http.methods import post
from api.pages.case_form import facts_of, filled_from
from api.pages.forms import Form
from api.pages.frame import UNDO, Page, Reply, go
from api.pages.kept import keep, kept
from api.pages.outcomes import ON_THE_WAY, given
from api.v1 import messages, registrations, requests
from api.v1.messages import SubscriptionIn, SubscriptionOut
from api.v1.registration_input import RegistrationPatch
from api.v1.registrations import RegistrationOut
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.errors import Conflict


@post("/undo", permission=Permission.SESSION_READ)
def undo(request: Page, acts: RequestActs) -> Reply:
    """Raises `Conflict` once it is too late, and `VersionPassed` where it was changed since."""
    offered = kept(request, UNDO)
    if not offered or acts.moment > datetime.fromisoformat(offered["until"]) + ON_THE_WAY:
        raise Conflict("undo_too_late")
    answer = go(_PUT_BACK[offered["kind"]](acts, offered))
    keep(request, answer, UNDO, None)
    return answer


def _facts(acts: Acts, offered: Mapping[str, Any]) -> str:
    reference, was = offered["subject"], offered["was"]
    under = acts.under(Permission.REGISTRATION_CHANGE)

    def put_back(act: Act) -> RegistrationOut:
        now = filled_from(registrations.as_it_is(act, reference, acts.language), acts.language)
        kept_ones = [(name, value) for name, value in now.fields if name not in was]
        form = Form([*kept_ones, *((name, value) for name, values in was.items() for value in values)])
        wanted = given(RegistrationPatch, facts_of(form))
        return registrations.change_registration(act, reference, offered["version"], wanted, acts.language)

    under.write(put_back)
    return f"/registrations/{reference}"


def _avoidance(acts: Acts, offered: Mapping[str, Any]) -> str:
    reference = offered["subject"]
    under = acts.under(Permission.REGISTRATION_CHANGE)
    under.write(lambda act: registrations.avoid_again(act, reference, offered["was"], acts.language))
    return f"/registrations/{reference}"


def _withdrawal(acts: Acts, offered: Mapping[str, Any]) -> str:
    reference, number, version = (offered[name] for name in ("subject", "was", "version"))
    under = acts.under(Permission.REGISTRATION_CHANGE)
    under.write(lambda act: requests.seek_on(act, reference, number, version))
    return f"/registrations/{reference}"


def _subscription(acts: Acts, offered: Mapping[str, Any]) -> str:
    wanted = given(SubscriptionIn, offered["was"])
    acts.under(Permission.SUBSCRIPTION_CHANGE).change(
        SubscriptionOut, lambda act: messages.change_subscription(act, wanted)
    )
    return "/subscription"


_PUT_BACK = {"facts": _facts, "avoidance": _avoidance, "withdrawal": _withdrawal, "subscription": _subscription}
