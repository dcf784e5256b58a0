"""Settings of the escalation (the *ladder*) and of the SMS gateway. The escalation notifies person after person until
somebody has seen a task of tonight.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from placement.core import setting_texts as texts
from placement.core.errors import Misconfigured
from placement.core.setting_fields import Address, text, variable
from placement.core.setting_parts import SmsGateway

_Ladder = Annotated[
    tuple[timedelta, timedelta, timedelta], text(texts.ladder), "be three rising numbers of minutes, such as 5 10 15"
]
_Numbers = Annotated[tuple[str, ...], text(texts.numbers), "be telephone numbers with country, such as +31301234567"]
_Line = Annotated[str, text(str.strip)]
_OF_DESCRIPTIONS = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, use_attribute_docstrings=True)


class LadderSettings(BaseModel):
    """The steps of the escalation, and the telephone numbers of its last step."""

    model_config = _OF_DESCRIPTIONS

    ladder: _Ladder = variable(
        "PLACEMENT_LADDER_MINUTES",
        (timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=15)),
        "other rules",
        shown="`5 10 15`",
    )
    """The minutes after which an unseen task of tonight [rings](../guide/bell.md): first by SMS, then at the next
    person on call, then at the numbers below.
    """
    ladder_numbers: _Numbers = variable("PLACEMENT_LADDER_NUMBERS", (), "SMS")
    """The desk's list: telephone numbers that get an SMS if nobody has looked at a task of tonight."""


class SmsVariables(BaseModel):
    """The variables that are combined into the SMS gateway."""

    model_config = _OF_DESCRIPTIONS

    sms_url: Address = variable("PLACEMENT_SMS_URL", "", "SMS")
    """The address of the [SMS gateway](../guide/bell.md#sms), with placeholders: `{number}`, `{digits}`, `{text}`,
    `{id}`.
    """
    sms_body: str = variable("PLACEMENT_SMS_BODY", "", "SMS")
    """The body of the request, JSON or a form, with the same placeholders. Without a body the request is a GET."""
    sms_header: _Line = variable("PLACEMENT_SMS_HEADER", "", "SMS")
    """A header of the request, such as `Authorization: Bearer {secret}`."""
    sms_secret_file: str = variable("PLACEMENT_SMS_SECRET_FILE", "", "SMS")
    """A file with the secret for `{secret}`."""

    def sms(self) -> SmsGateway | None:
        """Returns the SMS gateway; `None` if there is no address. Raises `Misconfigured` if the placeholder of the
        number is missing, or if the header, or its use of the secret, is invalid.
        """
        if not self.sms_url:
            return None
        if not any(one in self.sms_url + self.sms_body for one in ("{number}", "{digits}")):
            raise Misconfigured("PLACEMENT_SMS_URL or PLACEMENT_SMS_BODY must contain {number} or {digits}")
        if bool(self.sms_secret_file) != ("{secret}" in self.sms_header):
            raise Misconfigured("PLACEMENT_SMS_SECRET_FILE and {secret} in PLACEMENT_SMS_HEADER go together")
        secret = Path(self.sms_secret_file).read_text().strip() if self.sms_secret_file else ""
        if (self.sms_header and ":" not in self.sms_header) or not (self.sms_header + secret).isascii():
            raise Misconfigured("PLACEMENT_SMS_HEADER must be a header in plain ASCII, such as X-Api-Key: {secret}")
        return SmsGateway(self.sms_url, self.sms_body, self.sms_header, secret)
