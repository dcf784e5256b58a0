"""Calls and entries of the help desk."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import text

from placement.core.codes import Role
from placement.core.context import Actor
from placement.core.enquiry_codes import Advice, Asker, EnquiryStatus, EntryMark, Subject
from placement.core.ids import new_id
from placement.help_desk.enquiries import EnquiryInput
from placement.help_desk.entries import EntryInput
from placement.storage.database import Database
from placement.tables import Enquiry
from placement.tables.help_desk import EnquiryContent
from tests.support.api.bodies import BODIES

DAYS, READ_DAYS, A_DAY = 3653, 62, 28
"""Ten years with 10,000 calls a year, and the last days, whose calls the pages read."""
HELP_DESK_READS = [
    *(f"GET /{one}" for one in ("enquiries", "enquiries/{}", "entries", "entries/{}")),
    "POST /entries/search",
]
HELP_DESK_WRITES = [
    *("POST /enquiries", "PUT /enquiries/{}", "POST /enquiries/{}/call-back"),
    *("POST /entries", "PUT /entries/{}", "POST /entries/first", "POST /entries/{}/review", "POST /entries/{}/end"),
]
"""Routes of the desk and the advisers."""
ADVISER = Actor("A-adviser", Role.ADVISER, session_id="Z")
CALL = EnquiryInput(
    EnquiryStatus.DONE, Asker.LAWYER, "amsterdam", [Subject.REFLECTION], [Advice.INFORMATION], minutes=4, note="dossier"
)
OPEN = EnquiryInput(EnquiryStatus.OPEN)
RING_BACK = EnquiryInput(EnquiryStatus.CALL_BACK, Asker.POLICE, None, [Subject.SHELTER], telephone="+31201234567")
ENTRY = EntryInput(
    {"nl": "Bedenktijd", "en": "Reflection period"},
    {"nl": "Slachtoffers krijgen bedenktijd.", "en": "Victims get time to reflect."},
    "WBV 2023/11",
    EntryMark.SOURCED,
    [Subject.REFLECTION],
)


def help_desk_things(callers):
    """Returns two callers to ring back and two entries by kind and role, each of the other role."""
    desk, adviser = callers[Role.DESK], callers[Role.ADVISER]
    found = {}
    for role, maker in ((Role.DESK, adviser), (Role.ADVISER, desk)):
        calls = [maker.made("/enquiries", BODIES["EnquiryIn"])["id"] for _ in range(2)]
        entries = [maker.made("/entries", BODIES["EntryIn"])["newest"]["id"] for _ in range(2)]
        found |= {("enquiry", role): tuple(calls), ("knowledge", role): tuple(entries)}
    return found


def years_of_calls(at: datetime, days: int, a_day: int, seed: int = 48) -> list[Enquiry]:
    """Returns calls of so many days before this moment, without notes."""
    chance = Random(seed)
    return [
        Enquiry(
            id=new_id("U"),
            on=(at - timedelta(days=day)).date(),
            status=EnquiryStatus.DONE,
            content=EnquiryContent(
                at=at - timedelta(days=day, minutes=10 * number),
                by=ADVISER.id,
                asker=chance.choice(list(Asker)),
                region="amsterdam",
                subjects=chance.sample(list(Subject), chance.randint(1, 3)),
                advised=[chance.choice(list(Advice))],
                minutes=chance.randint(1, 30),
            ),
        )
        for day in range(days)
        for number in range(a_day)
    ]


def store_ten_years(database: Database, at: datetime) -> None:
    """Stores the calls of ten years. Those of the days that no page reads are copies, which cannot be opened."""
    with database.transaction() as session:
        session.add_all(years_of_calls(at, READ_DAYS, A_DAY))
    old = [
        {"id": f"U-{day}-{number}", "on": str((at - timedelta(days=day)).date())}
        for day in range(READ_DAYS, DAYS)
        for number in range(A_DAY)
    ]
    copied = (
        'INSERT INTO enquiry (id, "on", status, version, content) '
        "SELECT :id, CAST(:on AS DATE), 'done', 1, (SELECT content FROM enquiry LIMIT 1)"
    )
    if database.engine.dialect.name == "sqlite":
        copied = copied.replace("CAST(:on AS DATE)", ":on")  # a cast would make a number of it
    with database.engine.begin() as connection:
        connection.execute(text(copied), old)
        connection.execute(text("ANALYZE enquiry"))
