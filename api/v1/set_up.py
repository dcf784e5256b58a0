"""Settings and data that the service still needs."""

from datetime import date, datetime

from pydantic import Field

from api.http.context import Output
from api.http.operations import get
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.tasks import set_up as checks
from placement.tasks.set_up import AboutKind, Check


class AboutOut(Output):
    kind: AboutKind
    id: str = Field(description="The id of a shelter or organisation, or the code of a scheme or an area.")
    name: str | None = Field(description="The name of a shelter, an area or an organisation.")


class CheckOut(Output):
    """Something that the service still needs."""

    missing: str = Field(
        description="A code: keys_not_copied, no_backup, no_mail_server, no_sheet, second_admin, no_desk, second_desk, "
        "no_shelter, no_unit, no_room, no_staff, no_profile, not_reported, no_address, "
        "no_unit_in_scheme, no_coordinator, no_rota, no_number."
    )
    needed: bool = Field(description="true: the next step is impossible without it; false: it can wait.")
    about: list[AboutOut] = Field(description="Empty if it concerns the whole service.")
    done_by: list[str] = Field(description="The roles that can do it; empty: the operator, at the machine.")
    yours: bool = Field(description="true: your role can do it.")
    told: bool = Field(
        description="true: shown on your first page, because you can change what prevents the next step. An admin is "
        "also shown what the operator must do."
    )
    page: str | None = Field(description="The page on which it is done; null if there is no page.")


class SetUpOut(Output):
    complete: bool = Field(description="true: nothing prevents that a bed is given.")
    checks: list[CheckOut] = Field(description="The missing parts; the necessary parts first.")
    backup_at: datetime | None = Field(
        description="Everything before this time is in the last backup; null if no backup is recorded, or if you may "
        "not know it."
    )
    backup_is_old: bool = Field(description="true: a later backup should exist by now.")
    job_fails: str | None = Field(
        description="A job that has failed for minutes and has not succeeded since; null if there is none, or if you "
        "may not know it."
    )
    job_fails_since: datetime | None
    mail_fails_since: datetime | None = Field(
        description="The time since which the mail server has accepted nothing, so that nobody is notified by mail; "
        "null if it accepts mail."
    )
    nobody_on_call: list[date] = Field(
        description="For the desk, if a rota is kept: the days until the next duty on which nobody is on call."
    )
    left_alone: list[AboutOut] = Field(
        description="For the desk, if the service has coordinators: the areas with open cases but no coordinator at "
        "work; the desk does their tasks."
    )
    restored_at: datetime | None = Field(
        description="The time of a restore from a backup, for a week; null if there was none."
    )
    restored_as_of: datetime | None = Field(
        description="Everything that was entered before is in the store; later entries may be lost."
    )


@get("/set-up", summary="Read the missing set-up", permission=Permission.SET_UP_READ)
def read_set_up(act: Act) -> SetUpOut:
    """List what the service still needs, and who can provide it. Shelters and areas are listed only if you see them."""
    seen = checks.set_up(act)
    found, backup = [_check(act, check) for check in seen.checks], seen.backup
    return SetUpOut(
        complete=not any(check.needed for check in found),
        checks=found,
        backup_at=backup and backup.at,
        backup_is_old=backup is not None and backup.is_old,
        job_fails=seen.fails and seen.fails.job,
        job_fails_since=seen.fails and seen.fails.since,
        mail_fails_since=seen.mail_fails_since,
        nobody_on_call=list(seen.nobody_on_call),
        left_alone=[AboutOut.of(one) for one in seen.left_alone],
        restored_at=seen.restored and seen.restored.at,
        restored_as_of=seen.restored and seen.restored.as_of,
    )


def _check(act: Act, check: Check) -> CheckOut:
    return CheckOut(
        missing=check.missing.value,
        needed=check.needed,
        about=[AboutOut.of(one) for one in check.about],
        done_by=sorted(check.missing.done_by),
        yours=act.actor.role in check.missing.done_by,
        told=checks.is_told(act, check),
        page=check.missing.page,
    )
