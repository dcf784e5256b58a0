"""Types of fields that several resources have alike."""

from typing import Annotated

from pydantic import Field

Whole = Annotated[int, Field(strict=True)]
"""A whole number; neither `"3"` nor `true` nor 3.0 is one."""

YesNo = Annotated[bool, Field(strict=True)]
"""`true` or `false`; neither `"yes"` nor 1 is one."""
