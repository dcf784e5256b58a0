"""The facts of a count record as other packages read them."""

from datetime import date

import msgspec


class CountFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The coded facts of one count record, without reference, pseudonym or moment. Codes: `code_lists.toml`."""

    month: date
    """The first day of the month in which the coordination centre received the report."""
    reporter: str
    """The kind of reporter, a code of `Registrant`."""
    region: str
    """The coarse region of the reporter, a code of `PartOfCountry`, or `unknown`."""
    exploitation: str
    """The main form of exploitation."""
    sector: str
    """The sector; `none` if the form has no sector, or `unknown`."""
    means: tuple[str, ...]
    """The means of control, sorted; empty if they are unknown."""
    recruitment: tuple[str, ...]
    """The ways of recruitment, sorted; empty if they are unknown."""
    origin: str
    """The country of origin, by its code in ISO 3166-1, or `unknown`."""
    recruited_in: str
    """The country of recruitment, in the form of `origin`."""
    age: str
    """The age band."""
    gender: str
    alone: bool
    """True for a minor without a parent or guardian."""
    file: str
    """The kind of file, a code of `CountFile`."""
    ground: str
    """The ground on which the facts may be processed."""
