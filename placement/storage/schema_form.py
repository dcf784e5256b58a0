"""The revisions of the tables with which a version of the service works, and the form of the tables of a database.

A migration is an expansion if processes of the previous version work after it. Every other migration states in
`works_from` the oldest revision whose processes work with its tables. `needed = False` states that this version works
without the migration too, for example without an index. `placement migrate` records the oldest revision in the
database. So an older process, which does not know the newer tables, can check whether it works with them.
"""

from dataclasses import dataclass
from enum import Enum

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from placement.core.codes import StoreFact

LEADS_HERE = "0.1.0"
"""The version of the service that brings older tables to the first revision of this version (`deploy/releases/`)."""
_REVISIONS = "alembic_version"
"""The table that contains the revision."""


class SchemaForm(Enum):
    """The form of the tables. Its value is the message for the operator; it is empty if no action is needed."""

    CURRENT = ""
    AHEAD = (
        "the tables are of a newer version, and this version works with them: end its processes when those of the newer"
        " version are ready"
    )
    BEHIND = (
        "the tables are older, and this version works with them: run `placement migrate` of this version when no"
        " process of an older version runs any more"
    )
    EMPTY = (
        "the database has no tables: if the service was in use, look at DATABASE_URL, and restore a backup if the"
        " database is lost; a new service begins with `placement init`"
    )
    OLDER = (
        "the tables are older than this version of the service: run `placement migrate` of this version; its processes"
        " wait for that, and then go on by themselves"
    )
    TOO_OLD = (
        "the tables are from before the first revision that this version knows: migrate them with version"
        f" {LEADS_HERE} of the service, then start this version"
    )
    NEWER = (
        "the tables are newer than this version of the service, which does not work with them: start the newer version,"
        " and change nothing"
    )
    FOREIGN = "the tables are not of this service: look at DATABASE_URL"

    @property
    def is_usable(self) -> bool:
        return self in {SchemaForm.CURRENT, SchemaForm.AHEAD, SchemaForm.BEHIND}


@dataclass(frozen=True)
class Schema:
    """The revisions that this version knows, newest first."""

    known: tuple[str, ...]
    works_from: str
    """The oldest revision whose processes work with the newest tables."""
    needed: str
    """The oldest revision of the tables with which this version works."""

    @classmethod
    def of(cls, migrations: ScriptDirectory) -> "Schema":
        stated = {script.revision: vars(script.module) for script in migrations.walk_revisions()}
        known = tuple(stated)
        works_from = next((str(one["works_from"]) for one in stated.values() if "works_from" in one), known[-1])
        return cls(known, works_from, next(name for name, one in stated.items() if one.get("needed", True)))

    @property
    def newest(self) -> str:
        return self.known[0]

    @property
    def shared(self) -> str:
        """Returns the record to store in the database: the oldest revision whose processes work with the tables, and
        the newest revision.
        """
        return f"{self.works_from} {self.newest}"

    def back_to(self) -> tuple[str, ...]:
        """Returns the revisions to which the newest tables can be brought back without a loss."""
        return self.known[: self.known.index(self.works_from) + 1]

    def form_of(self, connection: Connection, revision: str | None) -> SchemaForm:
        """Returns the form of tables with this revision."""
        if revision == self.newest:
            return SchemaForm.CURRENT
        if revision is None:
            others = set(inspect(connection).get_table_names()) - {_REVISIONS}
            return SchemaForm.FOREIGN if others else SchemaForm.EMPTY
        if revision in self.known:
            works = self.known.index(revision) <= self.known.index(self.needed)
            return SchemaForm.BEHIND if works else SchemaForm.OLDER
        works_from, _, of = (fact_in(connection, StoreFact.WORKS_FROM) or "").partition(" ")
        return SchemaForm.AHEAD if of == revision and works_from in self.known else self.form_of_unknown(revision)

    def form_of_unknown(self, revision: str) -> SchemaForm:
        """Returns the form of tables whose revision this version does not know."""
        return SchemaForm.TOO_OLD if revision < min(self.known) else SchemaForm.NEWER


def fact_in(connection: Connection, fact: StoreFact) -> str | None:
    """Returns the detail of a fact about the database; `None` if it is not recorded. Works on every schema."""
    if not inspect(connection).has_table("storerecord"):
        return None
    found = text("SELECT detail FROM storerecord WHERE fact = :fact")
    return connection.execute(found, {"fact": fact.value}).scalar()
