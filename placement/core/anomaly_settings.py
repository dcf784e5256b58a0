"""Settings of the anomaly rules of the audit log. Each setting is a limit. A count above the limit is an anomaly."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from placement.core import setting_texts as texts
from placement.core.setting_fields import Count, text, variable

_Ids = Annotated[frozenset[str], text(texts.words)]


class AnomalySettings(BaseModel):
    """The limits of the anomaly rules (`placement/audit/anomaly_rules.py`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, use_attribute_docstrings=True)

    odd_cases_an_hour: Count = variable("PLACEMENT_ODD_CASES", 30, "other rules")
    """The number of cases that a user can open within an hour without an anomaly (assumed)."""
    odd_comparisons_a_day: Count = variable("PLACEMENT_ODD_COMPARISONS", 20, "other rules")
    """The number of comparisons a day with clients of other regions, by a coordinator, without an anomaly (assumed)."""
    odd_refusals_an_hour: Count = variable("PLACEMENT_ODD_REFUSALS", 10, "other rules")
    """The number of refused attempts of a user or network within an hour without an anomaly (assumed)."""
    odd_sent_a_day: Count = variable("PLACEMENT_ODD_SENT", 20, "other rules")
    """The number of registrations that an organisation can send in within 24 hours without an anomaly."""
    odd_dangers_a_day: Count = variable("PLACEMENT_ODD_DANGERS", 4, "other rules")
    """The number of other regions in which an organisation's registrations of 24 hours name danger points, without an
    anomaly.
    """
    odd_looks_an_hour: Count = variable("PLACEMENT_ODD_LOOKS", 36, "other rules")
    """The number of times that a registrant can read, within an hour, the state of its registrations without an
    anomaly.
    """
    canaries: _Ids = variable("PLACEMENT_CANARIES", frozenset(), "other rules")
    """The ids of invented cases, units, locations and shelters. Each request for their address, and each opening of
    such a case, is [odd](../guide/audit.md#odd-requests-for-an-address). The database does not show that they are
    invented.
    """
