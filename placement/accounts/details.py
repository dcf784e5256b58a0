"""Details of an account's person: name, job and telephone number. They are given at the invitation, and the person can
change them.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session, col, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.core.notice_codes import AtOnce
from placement.core.telephone import numbered
from placement.tables import Account, AccountDetails
from placement.text.catalogue import Language

LONGEST = 100
"""The largest number of characters of a name or a job title."""


@dataclass(frozen=True, slots=True)
class Details:
    """The known details of a person. `telephone`: in E.164."""

    name: str | None = None
    job_title: str | None = None
    telephone: str | None = None
    at_once: AtOnce = AtOnce.ALL
    """The kinds of tasks about which the person gets a mail at once."""
    language: Language | None = None
    """The language of mails; `None` if the person did not choose."""

    def as_record(self) -> dict[str, str | None] | None:
        """Returns the record that is stored with an invitation; `None` if the name is missing."""
        record = asdict(self)
        for own in ("at_once", "language"):  # only the person chooses these details
            del record[own]
        return record if self.name else None


def checked(
    name: str | None, job_title: str | None, number: str | None, *, required: bool = True, sure_of: Collection[str] = ()
) -> Details:
    """Returns the details in stored form. Raises `Invalid` with every wrong field. `required`: true if the name must be
    given. If false, the name may be missing if job title and number are missing too. `sure_of`: as in `numbered`.
    """
    faults, found = [], Details(_line(name), _line(job_title), _line(number))
    if found.name is None and (required or found.job_title or found.telephone):
        faults.append(Fault("name", "name_missing"))
    elif found.name is not None and not any(letter.isalpha() for letter in found.name):
        faults.append(Fault("name", "name_without_letters"))
    for field in ("name", "job_title"):
        text = getattr(found, field) or ""
        if len(text) > LONGEST:
            faults.append(Fault(field, "text_too_long", {"max_length": LONGEST}))
        elif not text.isprintable():
            faults.append(Fault(field, "text_not_plain"))
    e164, fault = numbered("telephone", found.telephone, sure_of)
    if faults := [*faults, *fault]:
        raise Invalid(faults)
    return Details(found.name, found.job_title, e164)


def of(session: Session, account_id: str) -> Details:
    """Returns the known details of an account; empty if nothing is known."""
    return of_all(session, {account_id}).get(account_id, Details())


def of_all(session: Session, account_ids: Collection[str], *, at_work: bool = False) -> Mapping[str, Details]:
    """Returns the known details of these accounts, by account. `at_work`: true leaves out disabled accounts."""
    wanted = select(AccountDetails).where(col(AccountDetails.account_id).in_(sorted(account_ids)))
    if at_work:
        wanted = wanted.join(Account).where(col(Account.disabled_at).is_(None))
    return {row.account_id: _of_row(row) for row in session.exec(wanted)}


def _of_row(row: AccountDetails) -> Details:
    at_once = AtOnce(row.at_once) if row.at_once else AtOnce.ALL
    return Details(row.name, row.job_title, row.telephone, at_once, row.language)


@needs(Permission.DETAILS_CHANGE)
def change(act: Act, wanted: Details) -> Details:
    """Changes the actor's own details. The audit event contains the names of the changed fields, not their values."""
    before = of(act.session, act.actor.id)
    changed = [name for name, value in asdict(wanted).items() if value != getattr(before, name)]
    keep(act.session, act.actor.id, wanted)
    audit_log.write(act, Event.DETAILS_CHANGED, subject=act.actor.id, changed=changed)
    return wanted


def keep(session: Session, account_id: str, wanted: Details) -> None:
    """Stores the details of an account, replacing the earlier details. A changed number also clears the error of the
    last SMS, which was about the former number.
    """
    row = session.get(AccountDetails, account_id)
    if row is None:
        session.add(AccountDetails(account_id=account_id, **asdict(wanted)))
    else:
        row.sms_trouble = row.sms_trouble if row.telephone == wanted.telephone else None
        for name, value in asdict(wanted).items():
            setattr(row, name, value)
    session.flush()


def of_record(record: Mapping[str, Any] | None) -> Details:
    """Returns the details from the record of an invitation."""
    return Details(**(record or {}))


def _line(written: str | None) -> str | None:
    """Returns the text with single spaces; `None` if the text is empty."""
    return " ".join((written or "").split()) or None
