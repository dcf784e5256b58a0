"""Outgoing messages and their delivery, reminders, and the user's subscription to the report."""

from datetime import datetime
from typing import Annotated

from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import BaseModel, Field

from api.http.context import Input, Output
from api.http.operations import get, post, put
from api.http.paging import Limit
from api.v1.people import People, people_of
from placement.access.permissions import Permission, Reach
from placement.core.codes import Channel, MessageStatus
from placement.core.context import Act
from placement.core.list_orders import MessageOrder
from placement.core.notice_codes import MailForm, Rhythm
from placement.notifications import subscriptions
from placement.notifications.active_reminders import ActiveReminder, active_reminders
from placement.outbox import outbox, reads
from placement.outbox.deliveries import MARK, Delivery, Mark
from placement.text.catalogue import DEFAULT, Offered

Before = Annotated[str | None, QueryParameter(pattern=MARK, description="Only earlier messages: `next` of a page.")]


class OneDelivery(BaseModel):
    """Base of output models: the delivery of a message to one recipient."""

    id: str
    kind: str
    status: str
    attempts: int
    made_at: datetime
    next_at: datetime | None = Field(description="The time of the next attempt; null: there is none.")
    settled_at: datetime | None
    trouble: str | None = Field(
        description="The reason of the failure, as a code: smtp_550, http_500, no_answer_in_time, ..."
    )


class MessageOut(OneDelivery, Output):
    channel: str
    account: str | None
    webhook: str | None
    number: str | None = Field(description="For an SMS to the desk's list of numbers: the number, as E.164.")


class MessagePage(Output):
    items: list[MessageOut]
    people: People = Field(description="The persons behind the account ids.")
    next: str | None = Field(
        description="The value of `before` for the next page; null on the last page. A page can be short or empty."
    )
    waiting: int = Field(description="The number of all waiting messages, also of those that you do not see.")
    failed: int = Field(description="The number of all failed messages.")
    lists_all: bool = Field(description="false: messages about clients are left out; the desk sees them.")
    mail_is_set_up: bool


class SubscriptionOut(Output):
    rhythm: str
    language: str
    form: str


class SubscriptionIn(Input):
    rhythm: Rhythm
    language: Offered = DEFAULT
    form: MailForm = MailForm.LINK


class ReminderOut(Output):
    id: str
    kind: str
    about: str = Field(description="The id of a hold, a stay or a shelter.")
    shelter: str | None = Field(description="The name of the shelter, if the reminder is about a shelter.")
    registration: str | None
    mark: str = Field(description="After which hours, on which day of the stay, or at which time it is made.")
    made_at: datetime


class RemindersOut(Output):
    items: list[ReminderOut]


@get("/messages", summary="List messages", permission=Permission.MESSAGES_READ)
def list_messages(
    act: Act,
    status: Annotated[MessageStatus | None, QueryParameter(description="Only messages with this status.")] = None,
    limit: Limit = 50,
    before: Before = None,
) -> MessagePage:
    """List the messages by mail, webhook, push and SMS, newest first, with their status and the reason of a failure.

    The list contains no text, and no address of a person. An admin sees no message about a client.
    """
    return message_page(act, status, limit, None if before is None else Mark.said(before))


def message_page(  # noqa: PLR0917  (each is a filter)
    act: Act,
    status: MessageStatus | None,
    limit: int,
    mark: Mark | None = None,
    channel: Channel | None = None,
    order: MessageOrder = MessageOrder.NEWEST_FIRST,
) -> MessagePage:
    rows, following = reads.messages(act, status, limit, mark, channel, order)
    left = outbox.undelivered(act.session)
    return MessagePage(
        items=[_serialize(row) for row in rows],
        people=people_of(act, [row.account_id for row in rows]),
        next=None if following is None else str(following),
        waiting=left[MessageStatus.WAITING],
        failed=left[MessageStatus.FAILED],
        lists_all=Permission.MESSAGES_READ.reach_of(act.actor) is Reach.ALL,
        mail_is_set_up=act.settings.practice or act.settings.smtp is not None,
    )


@post("/messages/{message_id:str}/retry", summary="Retry a message", permission=Permission.MESSAGE_RETRY)
def retry_message(act: Act, message_id: FromPath[str]) -> MessageOut:
    """Try again now to deliver a message that failed or waits."""
    return _serialize(outbox.retry(act, message_id))


@get("/subscription", summary="Read your subscription to the report", permission=Permission.SUBSCRIPTION_READ)
def read_subscription(act: Act) -> SubscriptionOut:
    """Read how often you get the report by mail."""
    return SubscriptionOut.of(subscriptions.read(act))


@put("/subscription", summary="Change your subscription to the report", permission=Permission.SUBSCRIPTION_CHANGE)
def change_subscription(act: Act, data: JSONBody[SubscriptionIn]) -> SubscriptionOut:
    """Choose how often you get the report by mail; `never` ends it."""
    return SubscriptionOut.of(subscriptions.choose(act, subscriptions.Wish(data.rhythm, data.language, data.form)))


@get("/reminders", summary="List reminders", permission=Permission.REMINDERS_READ)
def list_reminders(act: Act) -> RemindersOut:
    """List reminders of open tasks, newest first."""
    return RemindersOut(items=[_serialize_reminder(one) for one in active_reminders(act)])


def _serialize(row: Delivery) -> MessageOut:
    return MessageOut.of(row, next_at=row.next_at if row.waits else None)


def _serialize_reminder(one: ActiveReminder) -> ReminderOut:
    about = one.reminder.subject_id
    return ReminderOut.of(one.reminder, about=about, shelter=one.shelter, registration=one.registration_id)
