"""How a user is alerted to urgent tasks: push to devices, SMS, and quiet hours."""

from datetime import date, timedelta
from typing import Annotated

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.operations import get, post, put
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.notifications import ring_choices
from placement.notifications.ring_choices import RingChoice
from placement.outbox import push_devices, web_push
from placement.tables import PushDevice

Hour = Annotated[int, Field(ge=0, le=23)]


class RingsIn(Input):
    sms: bool = Field(description="Whether an SMS is sent to your number about a task of tonight that nobody has seen.")
    quiet_from: Hour | None = Field(None, description="From this hour in Amsterdam you are not rung; null: no limit.")
    quiet_until: Hour | None = Field(None, description="The end of quiet hours. Being on call overrides them.")


class DeviceIn(Input):
    """The push subscription of a browser, from `PushSubscription.toJSON()`."""

    name: str = Field(min_length=1, max_length=push_devices.LONGEST_NAME, pattern=r"\S")
    endpoint: str = Field(min_length=1, max_length=web_push.LONGEST_ADDRESS, description="`endpoint`.")
    p256dh: str = Field(min_length=1, max_length=100, description="`keys.p256dh`.")
    auth: str = Field(min_length=1, max_length=40, description="`keys.auth`.")


class DeviceOut(Output):
    id: str
    name: str
    made_on: date
    trouble: str | None = Field(description="Why the last message failed, as a code; null: it arrived.")
    ended_on: date | None = Field(description="The day since which its push service does not know it: allow it again.")


class RingsOut(Output):
    sms: bool
    quiet_from: int | None
    quiet_until: int | None
    sms_trouble: str | None = Field(description="Why the last SMS failed, as a code; null: it was accepted.")
    sms_is_set_up: bool
    ladder: list[int] = Field(
        description="The minutes after which an unseen task of tonight goes by SMS, to the next person on call, and to "
        "the numbers of the desk's list."
    )
    public_key: str = Field(description="The `applicationServerKey` for `PushManager.subscribe()`.")
    devices: list[DeviceOut]


@get("/rings", summary="Read how you are rung", permission=Permission.DETAILS_READ)
def read_rings(act: Act) -> RingsOut:
    """Read your devices, your choice of SMS and your quiet hours."""
    return RingsOut.of(
        ring_choices.read(act),
        sms_is_set_up=act.settings.practice or act.settings.sms is not None,
        ladder=[after // timedelta(minutes=1) for after in act.settings.ladder],
        public_key=web_push.public_key(act.session),
        devices=[_serialize(one) for one in push_devices.of_account(act.session, act.actor.id)],
    )


@put("/rings", summary="Choose how you are rung", permission=Permission.DETAILS_CHANGE)
def choose_rings(act: Act, data: JSONBody[RingsIn]) -> RingsOut:
    """Choose SMS and quiet hours. SMS is sent to the telephone number in your details."""
    ring_choices.choose(act, RingChoice(data.sms, data.quiet_from, data.quiet_until))
    return read_rings(act)


@post("/rings/devices", summary="Allow a device", permission=Permission.DETAILS_CHANGE, status_code=201)
def allow_device(act: Act, data: JSONBody[DeviceIn]) -> DeviceOut:
    """Allow push messages to this browser, and send a first message. A user can allow five browsers at most."""
    keys = {"endpoint": data.endpoint, "p256dh": data.p256dh, "auth": data.auth}
    return _serialize(push_devices.allow(act, data.name, keys))


@post("/rings/devices/{device_id:str}/remove", summary="Remove a device", permission=Permission.DETAILS_CHANGE)
def remove_device(act: Act, device_id: FromPath[str]) -> DeviceOut:
    """Stop push messages to this browser."""
    return _serialize(push_devices.remove(act, device_id))


def _serialize(device: PushDevice) -> DeviceOut:
    return DeviceOut.of(device)
