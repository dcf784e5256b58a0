"""Labels for codes, as users see them."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from placement.core.area_codes import PlaceKind, SchemesOfArea
from placement.core.arrival_codes import Rung
from placement.core.codes import (
    Action,
    AgeGroup,
    AskedAct,
    AvoidedKind,
    Channel,
    DecisionKind,
    DecisionStatus,
    Freshness,
    Gender,
    HoldStatus,
    Household,
    LanguageLevel,
    LegalHoldStatus,
    MessageKind,
    MessageStatus,
    OrganisationKind,
    Outcome,
    OutOfService,
    ProposalStatus,
    Region,
    Registrant,
    RegistrationStatus,
    ResidenceBasis,
    ReviewOutcome,
    Role,
    RoomFeature,
    RoomsLack,
    Scheme,
    Specialism,
    StayStatus,
    TelephoneUse,
    Together,
    Urgency,
)
from placement.core.consent_codes import ClientSays, Consent, Driver, Guardian, SharingGround, SharingSaidBy
from placement.core.duty import DeskAfterwards
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.core.link_codes import Agrees, LinkKind
from placement.core.list_orders import (
    AccountOrder,
    CaseOrder,
    HoldOrder,
    MessageOrder,
    PlaceOrder,
    ReviewOrder,
    StayOrder,
)
from placement.core.notice_codes import AtOnce, MailForm, ReminderKind, Rhythm
from placement.core.place_codes import ChangeKind, ChangeStatus, FreeBand, FreeWhen, PlaceStatus, RegisterKind
from placement.core.reason_codes import ChangeReason, Effect, Step
from placement.core.request_codes import OnwardCause, RequestGround, RequestKind, RequestStatus, WithdrawalReason
from placement.core.rule_codes import RuleKind
from placement.core.timeline_codes import About
from placement.text.catalogue import Language, translate

KINDS: Mapping[str, type[Enum]] = {
    kind.__name__: kind
    for kind in (
        Role,
        Region,
        Scheme,
        Gender,
        AgeGroup,
        LanguageLevel,
        Specialism,
        RoomFeature,
        Urgency,
        Registrant,
        ResidenceBasis,
        RuleKind,
        Household,
        PlaceKind,
        SchemesOfArea,
        OutOfService,
        Freshness,
        FreeWhen,
        FreeBand,
        AvoidedKind,
        ChangeReason,
        LinkKind,
        Guardian,
        Consent,
        SharingGround,
        SharingSaidBy,
        ClientSays,
        Driver,
        Rung,
        About,
        Agrees,
        Together,
        RegistrationStatus,
        RequestKind,
        RequestGround,
        OnwardCause,
        RequestStatus,
        WithdrawalReason,
        ProposalStatus,
        DecisionKind,
        DecisionStatus,
        DeskAfterwards,
        HoldStatus,
        StayStatus,
        PlaceStatus,
        RegisterKind,
        ChangeKind,
        ChangeStatus,
        OrganisationKind,
        TelephoneUse,
        Action,
        Outcome,
        AskedAct,
        AtOnce,
        LeaveKind,
        LeaveReason,
        ReviewOutcome,
        LegalHoldStatus,
        RoomsLack,
        Channel,
        MessageKind,
        MessageStatus,
        Rhythm,
        MailForm,
        ReminderKind,
        Step,
        Effect,
        CaseOrder,
        StayOrder,
        HoldOrder,
        MessageOrder,
        AccountOrder,
        ReviewOrder,
        PlaceOrder,
    )
}
"""The lists that have labels: the name of the list is the context in the catalogue."""


def label(kind: str, code: Any, language: Language) -> str:
    """Such as `label("Scheme", "womens", "en")`. Raises `ValueError` for a code that is not in that list."""
    return translate(kind, KINDS[kind](code).value, language)


TROUBLES = frozenset(
    {
        "address_not_taken",
        "cannot_be_written",
        "account_disabled",
        "webhook_disabled",
        "smtp_sign_in_refused",
        "tls_failed",
        "certificate_not_valid_now",
        "certificate_of_another_name",
        "certificate_not_trusted",
        "no_answer_in_time",
        "no_connection",
        "address_forbidden",
    }
)


def trouble_in_words(code: str, language: Language) -> str:
    """Why a message was not delivered; a code of the other side (`smtp_550`, `http_500`) is shown as it is."""
    return translate("trouble", code if code in TROUBLES else "answer", language, code=code)
