"""Missing parts of the set-up. Some parts are necessary, and some can wait. Missing parts are derived from the data,
and never stored. Each check names the roles that can add the missing part, and the page on which they do so. A reader
sees checks about the whole service, and about the shelters and areas in the reader's reach.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from placement.access.permissions import Permission, Reach
from placement.areas.lookup import names
from placement.core.area_codes import PlaceKind
from placement.core.codes import CodeWithFacts, Role, Scheme, StoreFact
from placement.core.context import Act
from placement.duty.hours import duty_of
from placement.storage import job_failures, store_records
from placement.storage.job_failures import JobFailure
from placement.tables import (
    StoreRecord,
)
from placement.tasks.set_up_facts import INVITERS, REGISTRARS, KnownSetUp, known_set_up
from placement.tasks.staff import days_without_call, left_alone, staff

REGISTER_PAGE = "/shelters"
"""The page on which shelters, units and rooms are added."""

_REPORTERS = frozenset(role for role in Permission.CAPACITY_REPORT.reach if role.is_person)
_OPERATOR: frozenset[Role] = frozenset()
"""The roles for parts that only the operator can add. The set is empty, because the operator has no role in the
service.
"""
_TWO = 2
"""The number of persons of the desk that are needed: a person who requests, and a person who grants."""
_MISSED_BACKUPS = 2
"""The number of intervals by which a backup must be overdue before it is reported (assumed). So a single failure is
tolerated.
"""
_FAILS_FOR = timedelta(minutes=5)
"""A failing job is reported after this time (assumed)."""
_MAIL_FAILS_FOR = timedelta(minutes=30)
"""The mail server is reported if it has accepted nothing for this time (assumed)."""
_RESTORED_FOR = timedelta(days=7)
"""The time for which all users are informed that the database was restored (assumed)."""


class Missing(CodeWithFacts):
    """A missing part of the set-up: its code, the roles that can add the part, and the page on which they add it."""

    def __init__(self, _: str, done_by: frozenset[Role], page: str | None = None) -> None:
        self.done_by, self.page = done_by, page

    KEYS_NOT_COPIED = "keys_not_copied", _OPERATOR
    NO_BACKUP = "no_backup", _OPERATOR
    NO_MAIL_SERVER = "no_mail_server", _OPERATOR
    NO_SHEET = "no_sheet", _OPERATOR
    SECOND_ADMIN = "second_admin", _OPERATOR
    NO_DESK = "no_desk", INVITERS, "/accounts"
    SECOND_DESK = "second_desk", INVITERS, "/accounts"
    NO_SHELTER = "no_shelter", REGISTRARS, REGISTER_PAGE
    NO_UNIT = "no_unit", REGISTRARS, REGISTER_PAGE
    NO_ROOM = "no_room", REGISTRARS | _REPORTERS, REGISTER_PAGE
    NO_STAFF = "no_staff", INVITERS, "/accounts"
    NO_PROFILE = "no_profile", _REPORTERS, "/capacity"
    NOT_REPORTED = "not_reported", _REPORTERS, "/capacity"
    NO_ADDRESS = "no_address", REGISTRARS, REGISTER_PAGE
    NO_UNIT_IN_SCHEME = "no_unit_in_scheme", REGISTRARS, REGISTER_PAGE
    NO_COORDINATOR = "no_coordinator", INVITERS, "/accounts"
    NO_ROTA = "no_rota", REGISTRARS, "/on-call"
    NO_NUMBER = "no_number", INVITERS, "/accounts"


class AboutKind(StrEnum):
    SHELTER = "shelter"
    SCHEME = "scheme"
    REGION = "region"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class About:
    """The subject of a check. A shelter, area or organisation has an id or code, and a name; a scheme has
    only a code.
    """

    kind: AboutKind
    id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check: a missing part. `needed`: true if the service cannot give out beds without this part.
    `about`: the subjects of the check; empty if it concerns the whole service.
    """

    missing: Missing
    needed: bool
    about: tuple[About, ...] = ()


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The last backup. `at`: everything that was acknowledged before this time is in the backup. `is_old`: true if the
    next backup is overdue.
    """

    at: datetime
    is_old: bool


def recorded_backup(act: Act) -> LastBackup | None:
    """Returns the last recorded backup; `None` if there is no backup, or the database is synthetic."""
    return _backup_in(act, store_records.records(act.session))


def _backup_in(act: Act, known: Mapping[StoreFact, StoreRecord]) -> LastBackup | None:
    made = known.get(StoreFact.BACKUP_MADE)
    if made is None or StoreFact.SYNTHETIC in known:
        return None
    return LastBackup(made.at, act.at - made.at > _MISSED_BACKUPS * act.settings.backup_every)


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore. `at`: the time of the restore. `as_of`: everything that was entered before this time is in the
    database.
    """

    at: datetime
    as_of: datetime


@dataclass(frozen=True, slots=True)
class SetUp:
    """The set-up that concerns this reader. `checks`: missing parts, necessary parts first. `restored`: a recent
    restore. `fails`: a failing job. `nobody_on_call`: days on which nobody is on call. `left_alone`: areas with open
    cases that lost their coordinator.
    """

    checks: list[Check]
    restored: Restore | None
    backup: LastBackup | None
    fails: JobFailure | None
    mail_fails_since: datetime | None
    nobody_on_call: Sequence[date]
    left_alone: Sequence[About]


def set_up(act: Act) -> SetUp:
    known = known_set_up(act)
    found = [_within_reach(act, check) for check in _all(act, known)]
    sees_all = Permission.SET_UP_READ.reach_of(act.actor) is Reach.ALL
    return SetUp(
        sorted((check for check in found if check), key=lambda check: not check.needed),
        _restored(act, known.records),
        _backup_in(act, known.records) if sees_all else None,
        _failing(act, known.records) if sees_all else None,
        _mail_fails(act, known.records),
        _uncalled(act),
        _left_alone(act),
    )


def is_told(act: Act, check: Check) -> bool:
    """Checks whether the reader's first page shows this missing part. A part that only the operator can add is shown to
    the roles that invite users. Any other part is shown if it is needed and the reader can add it.
    """
    if not check.missing.done_by:
        return act.actor.role in INVITERS
    return check.needed and act.actor.role in check.missing.done_by


def _left_alone(act: Act) -> Sequence[About]:
    found = left_alone(act.session, act.at) if act.actor.role in REGISTRARS else ()
    called = names(act.session, PlaceKind.AREA, act.day) if found else {}
    return [About(AboutKind.REGION, code, called.get(code, code)) for code in found]


def _uncalled(act: Act) -> Sequence[date]:
    if act.actor.role not in REGISTRARS:
        return []
    return days_without_call(staff(act.session, act.at), duty_of(act.settings), act.at)


def _restored(act: Act, known: Mapping[StoreFact, StoreRecord]) -> Restore | None:
    found = known.get(StoreFact.RESTORED)
    if found is None or act.at - found.at > _RESTORED_FOR:
        return None
    return Restore(found.at, datetime.fromisoformat(found.detail))


def _mail_fails(act: Act, known: Mapping[StoreFact, StoreRecord]) -> datetime | None:
    found = known.get(StoreFact.MAIL_FAILS)
    return found.at if found is not None and not found.detail and act.at - found.at > _MAIL_FAILS_FOR else None


def _failing(act: Act, known: Mapping[StoreFact, StoreRecord]) -> JobFailure | None:
    """Returns the failure of a job, if the job has failed for several minutes. Shorter failures need no action."""
    found = job_failures.failing(act.session, known)
    return found if found is not None and act.at - found.since > _FAILS_FOR else None


def _all(act: Act, known: KnownSetUp) -> Iterator[Check]:
    yield from _of_the_operator(act, known)
    if not known.two_inviters:
        yield Check(Missing.SECOND_ADMIN, needed=True)
    if not known.registrars:
        yield Check(Missing.NO_DESK, needed=True)
    elif known.registrars < _TWO and StoreFact.SYNTHETIC not in known.records:
        yield Check(Missing.SECOND_DESK, needed=True)
    if known.registrars and not known.has_rota and StoreFact.SYNTHETIC not in known.records:
        yield Check(Missing.NO_ROTA, needed=False)
    yield from _of_shelters(known)
    open_schemes = [About(AboutKind.SCHEME, scheme.value) for scheme in Scheme if scheme not in known.schemes]
    if open_schemes:
        yield Check(Missing.NO_UNIT_IN_SCHEME, needed=False, about=tuple(open_schemes))
    if known.alone:
        about = tuple(About(AboutKind.REGION, code, name) for code, name in known.alone.items())
        yield Check(Missing.NO_COORDINATOR, needed=False, about=about)
    if known.unnumbered and StoreFact.SYNTHETIC not in known.records:
        about = tuple(About(AboutKind.ORGANISATION, key, name) for key, name in known.unnumbered.items())
        yield Check(Missing.NO_NUMBER, needed=False, about=about)


def _of_the_operator(act: Act, known: KnownSetUp) -> Iterator[Check]:
    """Yields checks about the parts that the operator must add. Yields nothing for a synthetic database."""
    if StoreFact.SYNTHETIC in known.records:
        return
    copied = known.records.get(StoreFact.KEYS_COPIED)
    if copied is None or copied.detail != store_records.fingerprint_of_keys(act.settings):
        yield Check(Missing.KEYS_NOT_COPIED, needed=False)
    if StoreFact.BACKUP_MADE not in known.records:
        yield Check(Missing.NO_BACKUP, needed=False)
    if act.settings.smtp is None:
        yield Check(Missing.NO_MAIL_SERVER, needed=False)
    if not act.settings.sheet_for:
        yield Check(Missing.NO_SHEET, needed=False)


def _of_shelters(known: KnownSetUp) -> Iterator[Check]:
    if not known.shelters:
        yield Check(Missing.NO_SHELTER, needed=True)
        return
    some_bed = any(one.beds for one in known.shelters.values())
    some_answer = any(one.beds and one.has_staff for one in known.shelters.values())
    some_admit = any(one.admits for one in known.shelters.values())
    some_report = any(one.beds and one.reported for one in known.shelters.values())
    some_clients = any(one.some_clients for one in known.shelters.values())
    lacking = {
        Missing.NO_UNIT: (not known.schemes, {key for key, one in known.shelters.items() if not one.units}),
        Missing.NO_ROOM: (bool(known.schemes) and not some_bed, set(known.empty_units)),
        Missing.NO_STAFF: (not some_answer, {key for key, one in known.shelters.items() if not one.has_staff}),
        Missing.NO_PROFILE: (not some_admit, {key for key, one in known.shelters.items() if one.silent}),
        Missing.NOT_REPORTED: (
            not some_report,
            {key for key, one in known.shelters.items() if one.beds and not one.reported},
        ),
        Missing.NO_ADDRESS: (some_clients, {key for key, one in known.shelters.items() if one.no_address}),
    }
    for missing, (needed, ids) in lacking.items():
        if ids:
            about = tuple(About(AboutKind.SHELTER, key, one.name) for key, one in known.shelters.items() if key in ids)
            yield Check(missing, needed, about)


def _within_reach(act: Act, check: Check) -> Check | None:
    """Returns the check without the subjects that this reader may not see; `None` if nothing remains."""
    if Permission.SET_UP_READ.reach_of(act.actor) is Reach.ALL:
        return check
    if not check.about:
        return check if check.missing.done_by else None
    about = tuple(one for one in check.about if _is_own(act, one))
    return Check(check.missing, check.needed, about) if about else None


def _is_own(act: Act, about: About) -> bool:
    match about.kind:
        case AboutKind.SHELTER:
            return about.id == act.actor.shelter_id
        case AboutKind.REGION:
            return about.id in act.actor.regions
        case AboutKind.ORGANISATION:
            return False
        case AboutKind.SCHEME:
            return True
