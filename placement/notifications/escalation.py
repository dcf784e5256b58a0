"""The escalation of tasks that must be done tonight (setting `ladder`). Its steps are a push, an SMS, the next person
on call, and the desk's list of numbers.

The escalation begins when a task is notified (`task_notices.py`). It ends when a person has seen the task, or when the
task is done. Each step is stored once, as a notification with a unique key, so that no second process repeats it. After
an outage, all steps whose time has passed are taken. If a task is notified again (a task of the kind *whereabouts*,
each hour), its escalation begins again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core import clock
from placement.core.codes import Channel, MessageKind, Sees
from placement.core.context import Act
from placement.core.ids import new_id
from placement.core.notice_codes import NoticeMark
from placement.crypto.encrypted_columns import is_readable
from placement.duty.hours import duty_of
from placement.duty.on_call import next_on_call, on_call
from placement.outbox import outbox, push_devices, recipients
from placement.outbox.web_push import KEPT_FOR
from placement.storage.unique_insert import insert_once
from placement.tables import AccountDetails, TaskNotice
from placement.tables.message import Copy, NoticeContent
from placement.tasks.listing import ON_CALL, Owned, Owner
from placement.tasks.task import Task, Whose
from placement.tasks.task_views import notices


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the escalation: the code of its notification, and the channels (push, SMS) that it uses."""

    mark: NoticeMark
    channels: frozenset[Channel]


OWNERS, OWNERS_AGAIN, NEXT_ON_CALL, LIST = LADDER = (
    Step(NoticeMark.PUSH, frozenset({Channel.PUSH})),
    Step(NoticeMark.SMS, frozenset({Channel.SMS})),
    Step(NoticeMark.ON_CALL, frozenset({Channel.PUSH, Channel.SMS})),
    Step(NoticeMark.NUMBERS, frozenset({Channel.SMS})),
)
"""The steps in order. The first step is taken at once, the others after the times of the setting `ladder`."""

_MARKS = (NoticeMark.NEW, *(step.mark for step in LADDER))


def climb(act: Act, tasks: Sequence[Owned]) -> int:
    """Takes each due step of the escalation for those of tonight's tasks that nobody has seen. Returns the number of
    steps.
    """
    ringing = {one.task.id(act.session): one.task for one in tasks if one.task.rings}
    taken, times = 0, (timedelta(0), *act.settings.ladder)
    for name, marks in notices(act.session, ringing, _MARKS).items():
        first = marks.get(NoticeMark.NEW)
        if first is None or first.content.seen:
            continue
        told = {mark: notice.content.told for mark, notice in marks.items()}
        for step, after in zip(LADDER, times, strict=True):
            if step.mark not in told and first.content.at + after <= act.at:
                copies = _copies(act, step, ringing[name], told)
                told[step.mark] = tuple(dict.fromkeys(one.account_id for one in copies if one.account_id))
                taken += _take(act, step.mark, ringing[name], copies, told[step.mark])
    return taken


def _take(act: Act, mark: NoticeMark, task: Task, copies: Sequence[Copy], told: tuple[str, ...]) -> bool:
    """Stores a step with its messages, unless another process has taken it."""
    name, kind = task.id(act.session), task.kind.value
    content = NoticeContent(task=name, kind=kind, mark=mark, at=act.at, told=told)
    row = TaskNotice(id=new_id("N"), once=f"{name} {mark.value}", made_on=act.day, content=content)
    if not insert_once(act.session, row):
        return False
    if copies:
        facts = {"task": name, "mark": mark.value}
        outbox.put_copies(act, MessageKind.TASK_RINGS, f"ring {row.id}", copies, facts)
    audit_log.write(
        act,
        Event.TASK_RUNG,
        registration=task.registration,
        subject=name,
        kind=kind,
        mark=mark.value,
        accounts=list(told),
        pushes=sum(one.channel is Channel.PUSH for one in copies),
        sms=sum(one.channel is Channel.SMS for one in copies),
    )
    return True


def _copies(act: Act, step: Step, task: Task, told: Mapping[NoticeMark, Sequence[str]]) -> list[Copy]:
    """Returns the messages of a step. Leaves out the person who made the request or decision that the task is about."""
    if step is LIST:
        numbers = act.settings.ladder_numbers if act.settings.sms is not None else ()
        return [_copy(act, sms=True, number=number) for number in numbers]
    called = set(accounts_of(act, Owner(Whose.DESK.value, ON_CALL)))
    besides = {task.asked_by, None if task.decision is None else task.decision.decided_by}
    if step is not NEXT_ON_CALL:
        return list(_to(act, step, set(told[NoticeMark.NEW]) - besides, called))
    rung = {account for mark in (NoticeMark.PUSH, NoticeMark.SMS) for account in told.get(mark, ())}
    following = set(next_on_call(act.session, duty_of(act.settings), act.at))
    for group in (called, following, set(recipients.desk(act.session, act.day))):
        if copies := list(_to(act, step, group - rung - besides, called | following)):
            return copies
    return []


def _to(act: Act, step: Step, accounts: Collection[str | None], called: Collection[str]) -> Iterator[Copy]:
    """Yields messages to these accounts, on the channels that each account chose. Quiet hours do not apply to persons
    on call.
    """
    able = outbox.that_can_sign_in(act.session, {one for one in accounts if one})
    known = select(AccountDetails).where(col(AccountDetails.account_id).in_(able))
    details = {one.account_id: one for one in act.session.exec(known)}
    devices = push_devices.of_all(act.session, able)
    for account in sorted(able):
        own = details.get(account)
        if own is not None and account not in called and _is_quiet(act, own):
            continue
        if Channel.PUSH in step.channels:
            yield from (_copy(act, account_id=account, device_id=device) for device in devices.get(account, ()))
        if (
            Channel.SMS in step.channels
            and (act.settings.practice or act.settings.sms is not None)
            and own is not None
            and gets_sms(own)
        ):
            yield _copy(act, account_id=account, sms=True)


def _copy(act: Act, **to: object) -> Copy:
    return Copy.model_validate({**to, "next_at": act.at, "try_until": act.at + KEPT_FOR})


def gets_sms(own: AccountDetails) -> bool:
    return is_readable(own.sms, own.telephone) and bool(own.sms and own.telephone)


def _is_quiet(act: Act, own: AccountDetails) -> bool:
    if not is_readable(own.quiet_from, own.quiet_until) or own.quiet_from is None or own.quiet_until is None:
        return False
    hour, begins, ends = act.at.astimezone(clock.AMSTERDAM).hour, own.quiet_from, own.quiet_until
    return begins <= hour < ends if begins < ends else hour >= begins or hour < ends


def accounts_of(act: Act, owner: Owner) -> Collection[str]:
    """Returns the accounts that are notified of this owner's tasks, including deputies."""
    if owner.reach == ON_CALL:
        return recipients.with_deputies(act.session, on_call(act.session, duty_of(act.settings), act.at), act.day)
    if owner.role.sees is Sees.SHELTER and owner.reach is not None:
        return recipients.staff_of(act.session, owner.reach, act.day)
    if owner.role.sees is Sees.REGIONS and owner.reach is not None:
        return recipients.placers_of(act.session, owner.reach, act.day)
    of_role = {
        Whose.ADMIN.value: recipients.admins,
        Whose.AUDITOR.value: recipients.auditors,
        Whose.ADVISER.value: recipients.help_desk,
        Whose.REGISTRAR.value: recipients.registrars,
    }
    return of_role.get(owner.role, recipients.desk)(act.session, act.day)
