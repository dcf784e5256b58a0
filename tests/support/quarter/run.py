"""A run of days: each day is lived, its next morning is checked, and its state is stored beside the table."""

import shutil
import sys
import time
from datetime import datetime, timedelta

from tests.support.paths import ROOT
from tests.support.quarter import events, together
from tests.support.quarter.days import Days
from tests.support.quarter.ledger import LIVES, Ledger
from tests.support.quarter.mornings import Morning
from tests.support.quarter.people import People
from tests.support.quarter.room import Post, Room, copy_all

MORNING, AFTERNOON, NIGHT = 9, 17, 22
COLUMNS = ("registered", "sought", "asked", "yes", "no", "silent", "arrived", "left", "placed", "waiting")
TABLE = ROOT / "build" / "quarter.md"


class Run:
    """`folder`: of the run, with `now` (the room that runs) and `kept` (as of the last finished day)."""

    def __init__(self, folder, *, postgres, seed=1):
        folder.mkdir(parents=True, exist_ok=True)
        self.kept, here = folder / "kept", folder / "now"
        shutil.rmtree(here, ignore_errors=True)
        if self.kept.exists():
            copy_all(self.kept, here)
        here.mkdir(exist_ok=True)
        self.room = Room(here, postgres=postgres)
        self.ledger = Ledger.of(here / "ledger.json")
        self._acts = (here / "acts.jsonl").open("a", buffering=1)
        self.people = People(self.room, self._acts)
        self.days = Days(self.room, self.people, self.ledger, seed)
        self.post = None

    def lives(self, days):
        """Lives the days up to this number. Returns whether no morning had a fault."""
        try:
            if (self.room.folder / "moment").exists():
                self.room.set_clock(datetime.fromisoformat((self.room.folder / "moment").read_text()))
                self.post = Post(self.room.var)  # before the room sends what waited since a day without mail
            self.room.start()
            self.post = self.post or Post(self.room.var)
            if not self.ledger.clients:
                self.days.opens()
                self.post.taken()
                self._keeps()
            while self.ledger.day < days:
                self._day()
        finally:
            self.people.leave()
            self.room.end()
            if self.post is not None:
                self.post.close()
            self._acts.close()
        return not any(row["faults"] for row in self.ledger.rows)

    def _day(self):
        began, used = time.monotonic(), self.room.processor_seconds()
        self.ledger.day += 1
        self.days.begins()
        today = events.day_of_round(self.ledger.day)
        self.post.takes = today not in events.NO_MAIL
        if not self.post.takes:
            self.days.happened.append("no mail")
        self.days.works(events.of_day(self.ledger.day))
        self.days.answers(self.post)
        self.moves_to(AFTERNOON)
        self.days.lapse()
        self.days.arrivals()
        self.days.leave(8 if self.ledger.day == 1 else self.days.random.choice((2, 2, 3, 3)))
        if today in events.RAIDS:
            self._raid()
        if today in events.DAYS_OFF:
            self._day_off()
        self.moves_to(MORNING)
        self.ledger.close_empty_places(self.room.now().date().isoformat())
        faults = Morning(self.room, self.people, self.ledger, self.post).looks()
        living, waiting = self.ledger.each(*LIVES), self.ledger.each("open", "held", "missing")
        row = {"day": self.ledger.day, "on": self.room.now().date().isoformat(), "faults": faults, **self.days.acts}
        row |= {"happened": self.days.happened, "placed": len(living), "waiting": len(waiting)}
        row |= {"processor": round(self.room.processor_seconds() - used), "seconds": round(time.monotonic() - began)}
        self.ledger.rows.append(row)
        self._keeps()
        self.says()

    def _raid(self):
        """A raid at ten in the evening: the shelters answer at once, and people arrive at night."""
        self.moves_to(NIGHT)
        together.raid(self.days)
        self.days.answers(self.post)
        self.moves_to(3)
        self.days.lapse()
        self.days.arrivals()

    def _day_off(self):
        """The service is stopped for a day."""
        self.days.happened.append("a day without the service")
        self.room.stop()
        self.room.set_clock(self.room.now() + timedelta(days=1))
        self.ledger.day += 1
        self.room.start()

    def _keeps(self):
        """Stores room and ledger as they are now, so that a later run goes on from here."""
        self.ledger.write(self.room.folder / "ledger.json")
        self.room.copy(self.kept)

    def moves_to(self, hour):
        """Moves the clock to the first whole step of hours after five past this hour."""
        now = self.room.now()
        target = now.replace(hour=hour, minute=5, second=0)
        target += timedelta(days=1) if target <= now else timedelta()
        hours = -int((now - target).total_seconds() // 3600)
        self.people["desk-1"].moves_the_clock(hours)

    def says(self):
        """Writes the table, and prints its last row."""
        heads = ("day", "morning", *COLUMNS, "faults", "processor s", "seconds", "what happened")
        lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
        for row in self.ledger.rows:
            known = (row["day"], row["on"], *(row.get(name, 0) for name in COLUMNS), len(row["faults"]))
            facts = (*known, row["processor"], row["seconds"], ", ".join(row["happened"]))
            lines.append(f"| {' | '.join(map(str, facts))} |")
        faults = [f"- day {row['day']}: {fault}" for row in self.ledger.rows for fault in row["faults"]]
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text("\n".join([*lines, "", *faults, ""]))
        last = [*(lines[:2] if len(self.ledger.rows) == 1 else []), lines[-1], *self.ledger.rows[-1]["faults"]]
        sys.stdout.write("\n".join(last) + "\n")
        sys.stdout.flush()
