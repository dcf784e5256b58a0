"""A run of days: each day is lived, its next morning is checked, and its state is stored beside the table."""

import shutil
import sys
import time
from datetime import datetime, timedelta

from tests.support.quarter import events, together
from tests.support.quarter.days import Days
from tests.support.quarter.ledger import Ledger
from tests.support.quarter.mornings import Morning
from tests.support.quarter.people import People
from tests.support.quarter.room import Post, Room, copy_all

MORNING, NOON, AFTERNOON, NIGHT = 9, 12, 17, 22
COLUMNS = ("registered", "sought", "asked", "yes", "no", "arrived", "left", "events")


class Run:
    """`folder`: of the run, with `now` (the room that runs) and `kept` (as of the last finished day)."""

    def __init__(self, folder, *, postgres, seed=1):
        folder.mkdir(parents=True, exist_ok=True)
        self.kept, here, self.file = folder / "kept", folder / "now", folder / "table.txt"
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
            self.room.start()
            self.post = Post(self.room.var)
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
        began = time.monotonic()
        self.ledger.day += 1
        self.days.begins()
        today = events.day_of_round(self.ledger.day)
        self.post.takes = today not in events.NO_MAIL
        self.days.works(events.of_day(self.ledger.day))
        self.moves_to(NOON)
        self.days.answers()
        self.moves_to(AFTERNOON)
        self.days.arrivals()
        self.days.leave(8 if self.ledger.day == 1 else self.days.random.choice((1, 2, 2, 3)))
        if today in events.RAIDS:
            self._raid()
        if today in events.DAYS_OFF:
            self._day_off()
        self.moves_to(MORNING)
        faults = Morning(self.room, self.people, self.ledger, self.post).looks()
        took = round(time.monotonic() - began)
        on = self.room.now().date().isoformat()
        self.ledger.rows.append({"day": self.ledger.day, "on": on, "seconds": took, "faults": faults, **self.days.acts})
        self._keeps()
        self.says()

    def _raid(self):
        """A raid at ten in the evening: the shelters answer within an hour, and people arrive at night."""
        self.moves_to(NIGHT)
        together.raid(self.days)
        self.moves_to(NIGHT + 1)
        self.days.answers()
        self.moves_to(3)
        self.days.arrivals()

    def _day_off(self):
        """The service is stopped for a day."""
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
        lines = [" ".join(f"{name:>10}" for name in ("day", "morning", "seconds", *COLUMNS, "faults"))]
        for row in self.ledger.rows:
            facts = (row["day"], row["on"], row["seconds"], *(row.get(name, 0) for name in COLUMNS), len(row["faults"]))
            lines.append(" ".join(f"{fact:>10}" for fact in facts))
            lines += [f"           {fault}" for fault in row["faults"]]
        self.file.write_text("\n".join(lines) + "\n")
        last = lines[-1 - len(self.ledger.rows[-1]["faults"]) :]
        sys.stdout.write("\n".join((lines[:1] if len(self.ledger.rows) == 1 else []) + last) + "\n")
        sys.stdout.flush()
