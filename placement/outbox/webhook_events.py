"""The events of webhooks. Each event is declared here once. The body of a call is made from these models, and so is
their part of the API description (`api/http/openapi_webhooks.py`). An event contains ids, days and figures, but no
person and no facts of a case.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic.config import JsonDict

from placement.core.codes import MessageKind


def _open(schema: JsonDict) -> None:
    """Makes a schema open to unknown fields, because a later version may send more fields. Receivers should accept
    them.
    """
    schema.pop("additionalProperties", None)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_open)


class EventData(_Part):
    """The data of one kind of event."""

    def facts(self) -> dict[str, Any]:
        """Returns the data in the form in which a message stores it."""
        return self.model_dump(mode="json")


class HoldEventData(EventData):
    """The hold of the event. `GET /api/v1/holds/{hold_id}` returns its data."""

    hold: str = Field(description="The id of the hold.")
    unit: str = Field(description="The id of the unit whose beds are held.")


class ReportEventData(EventData):
    """The day of the report."""

    day: str = Field(
        description="The day of the report, for `GET /api/v1/reports/{day}`.", json_schema_extra={"format": "date"}
    )


class RoomsEventData(EventData):
    """The shelter whose rooms changed. `GET /api/v1/shelters/{shelter_id}/rooms` returns its rooms."""

    shelter: str = Field(description="The id of the shelter.")


class TaskEventData(EventData):
    """The task of the event. `GET /api/v1/tasks` returns its data."""

    task: str = Field(description="The id of the task.")
    what: str = Field(description="What waits, as a code: the `kind` of the task.")
    mark: str = Field(
        description="`new`: for its owner; `late`, or `unseen` (a hold that nobody has looked at): for the next."
    )


class EntryEventData(EventData):
    """The entry by telephone of the event. `GET /api/v1/telephone-entries` returns its data."""

    entry: str = Field(description="The id of the entry.")


class TrialEventData(EventData):
    """The webhook that is tested."""

    webhook: str = Field(description="The id of the webhook.")


Moment = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class WebhookEvent(_Part):
    """The body of a webhook call: type, timestamp and data, as in the Standard Webhooks specification."""

    title: ClassVar[str]
    """A short description of the event."""

    timestamp: Moment = Field(description="When it happened. The same at each try.")

    def body(self) -> str:
        """Returns the body as JSON. Each try sends identical bytes."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)


class HoldAskedEvent(WebhookEvent):
    """A shelter is asked to confirm or refuse a hold. Only signed-in staff can answer, not a key."""

    title = "A hold waits for the shelter"
    type: Literal[MessageKind.HOLD_ASKED]
    data: HoldEventData


class HoldSettledEvent(WebhookEvent):
    """The desk has answered a provisional request, which was made under a standing mandate. Read the hold for the
    answer. If the answer releases the beds, `hold.released` is sent instead.
    """

    title = "The desk has answered what was provisional"
    type: Literal[MessageKind.HOLD_SETTLED]
    data: HoldEventData


class HoldReleasedEvent(WebhookEvent):
    """The beds of a hold were released, because the client is not coming."""

    title = "A hold was released"
    type: Literal[MessageKind.HOLD_RELEASED]
    data: HoldEventData


class HoldExpiredEvent(WebhookEvent):
    """The shelter did not answer in time. The hold has ended, and its beds are free."""

    title = "A hold expired"
    type: Literal[MessageKind.HOLD_EXPIRED]
    data: HoldEventData


class ReportMadeEvent(WebhookEvent):
    """The daily report of the country is ready."""

    title = "The daily report is ready"
    type: Literal[MessageKind.REPORT_MADE]
    data: ReportEventData


class RoomsChangedEvent(WebhookEvent):
    """A room was added, planned, closed or changed. The next capacity report must cover the rooms that exist on its
    day.
    """

    title = "The rooms of a shelter changed"
    type: Literal[MessageKind.ROOMS_CHANGED]
    data: RoomsEventData


class TelephoneEnteredEvent(WebhookEvent):
    """The desk entered the shelter's report by telephone. Signed-in staff of the shelter can contradict
    it for a day.
    """

    title = "The desk entered what the shelter said"
    type: Literal[MessageKind.TELEPHONE_ENTERED]
    data: EntryEventData


class TaskDueEvent(WebhookEvent):
    """A new task for a shelter or for the coordination centre. The centre also gets the late tasks of other parties."""

    title = "A task is due"
    type: Literal[MessageKind.TASK_DUE]
    data: TaskEventData


class WebhookTriedEvent(WebhookEvent):
    """A test event that a user requested (`POST /api/v1/webhooks/{webhook_id}/try`). It reports no change."""

    title = "A test of the webhook"
    type: Literal[MessageKind.WEBHOOK_TRIED]
    data: TrialEventData


EVENTS: Mapping[MessageKind, type[WebhookEvent]] = MappingProxyType(
    {get_args(event.model_fields["type"].annotation)[0]: event for event in WebhookEvent.__subclasses__()}
)
"""The model of each event, by the type of the event."""

_DATA: Mapping[MessageKind, type[EventData]] = MappingProxyType(
    {kind: get_type_hints(event)["data"] for kind, event in EVENTS.items()}
)


def event_of(kind: MessageKind, at: datetime, data: EventData | Mapping[str, object]) -> WebhookEvent:
    """Returns the event of this type. `data`: the data of the event, or the facts of a message. Raises pydantic's
    `ValidationError` if the data does not fit.
    """
    event = EVENTS[kind]
    if isinstance(data, EventData):
        facts = data.facts()
    else:  # a mail of the same message can contain more facts
        facts = {name: data[name] for name in _DATA[kind].model_fields if name in data}
    return event.model_validate({"type": kind, "timestamp": at, "data": facts})
