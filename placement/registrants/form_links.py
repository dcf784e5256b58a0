"""Links to the registration form, for callers without an account. The desk makes a link, and gives the caller two words
by telephone. The words open the link in a single browser. A link can be used for one registration only.
"""

import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlmodel import col, select

from placement.access.permissions import SEND, Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Role
from placement.core.context import Act, Actor
from placement.core.errors import Fault, Invalid, Unauthenticated
from placement.core.ids import fingerprint, new_id, new_secret
from placement.core.telephone import numbered
from placement.registrants import sending
from placement.registrants.senders import Sender
from placement.registrants.sending import SentFacts
from placement.registrations.case import Case
from placement.registrations.case_handles import words
from placement.tables import FormLink, SentRegistration

LIFETIME = timedelta(hours=24)
MOST_TRIES = 5
"""The number of failed attempts after which a link can no longer be opened."""


class MadeLink(NamedTuple):
    link: FormLink
    secret: str
    word: str
    """Two words that the desk gives by telephone. They are shown only once."""


@needs(Permission.FORM_LINK_MAKE)
def make(act: Act, caller: str, organisation: str, telephone: str) -> MadeLink:
    """Makes a link for a caller. `telephone`: the number from which the caller called."""
    faults: list[Fault] = []
    for name, text in (("caller", caller), ("organisation", organisation)):
        if not text.strip():
            faults.append(Fault(name, "missing"))
    number, wrong = numbered("telephone", telephone)
    faults += wrong or ([] if number else [Fault("telephone", "missing")])
    if faults or number is None:
        raise Invalid(faults)
    secret, word = new_secret("plf"), " ".join(secrets.choice(one) for one in words())
    made = FormLink(
        id=new_id("L"),
        fingerprint=fingerprint(secret),
        word=_word_of(secret, word),
        expires_at=act.at + LIFETIME,
        made_by=act.actor.id,
        caller={"caller": caller.strip(), "organisation": organisation.strip(), "telephone": number},
    )
    act.session.add(made)
    audit_log.write(act, Event.FORM_LINK_MADE, subject=made.id)
    return MadeLink(made, secret, word)


def open_link(act: Act, secret: str, word: str) -> str | None:
    """Opens a link with its two words, and binds it to this browser. Returns the secret for the browser's cookie. If
    the words are wrong, counts a failed attempt and returns `None`. Raises the same `Unauthenticated` for every link
    that cannot be opened.
    """
    found = _alive(act, FormLink.fingerprint == fingerprint(secret))
    if found.browser is not None:
        raise Unauthenticated("form_link_refused")
    if not hmac.compare_digest(found.word, _word_of(secret, word)):
        found.tries += 1
        return None
    browser = new_secret("plb")
    found.browser = fingerprint(browser)
    audit_log.write(_by(act, found), Event.FORM_LINK_OPENED, subject=found.id)
    return browser


def opened(act: Act, browser: str) -> FormLink:
    """Returns the unused link that this browser opened. Raises `Unauthenticated` if there is no such link."""
    return _alive(act, FormLink.browser == fingerprint(browser))


def send_with_link(act: Act, browser: str, case: Case, facts: SentFacts) -> SentRegistration:
    """Sends the registration of a link. Afterwards the link cannot be used again. Raises `Unauthenticated` if the link
    was used before, or if another browser opened the link.
    """
    link = opened(act, browser)
    link.used_at = act.at
    return sending.send(_by(act, link), case, facts, _sender_of(link))


def faults_of(act: Act, browser: str, case: Case, facts: SentFacts) -> Sequence[Fault]:
    """Checks a registration without sending it, and returns all its faults. The link stays unused. Raises the errors of
    `opened`.
    """
    link = opened(act, browser)
    return sending.faults_of(_by(act, link), case, facts, _sender_of(link))


def _alive(act: Act, which: object) -> FormLink:
    query = select(FormLink).where(which, col(FormLink.used_at).is_(None), col(FormLink.expires_at) > act.at)  # type: ignore[arg-type]  # a condition
    found = act.session.exec(query.with_for_update()).first()
    if found is None or found.tries >= MOST_TRIES:
        raise Unauthenticated("form_link_refused")
    return found


def _sender_of(link: FormLink) -> Sender:
    return Sender(None, {}, f"{link.caller['caller']}, {link.caller['organisation']}")


def _by(act: Act, link: FormLink) -> Act:
    """Returns an act in the name of the caller. The only permission of this act is to send in a registration."""
    actor = Actor(link.id, Role.REGISTRANT, scopes=frozenset({SEND}))
    return Act(act.session, actor, act.at, act.settings, act.origin)


def _word_of(secret: str, word: str) -> str:
    return fingerprint(f"{secret} {' '.join(word.casefold().split())}")
