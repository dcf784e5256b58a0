"""The comparison of a database's revision with the revisions that this version of the service knows.

Some migrations leave the tables usable for processes of the previous version. Each other migration states in
`works_from` the oldest revision whose processes can use the migrated tables. `placement migrate` records this revision
in the database. So an older process can check whether it still works with tables that are newer than itself. `needed =
False` means that this version also works without the migration, for example without an index.
"""

from dataclasses import dataclass
from enum import Enum

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from placement.core.codes import StoreFact

LEADS_HERE = "0.1.0"
"""The last version that can migrate tables from before this version's first revision (`deploy/releases/`)."""
_REVISIONS = "alembic_version"
"""The table in which Alembic stores the revision."""


class SchemaForm(Enum):
    """How the tables relate to this version. The value is the message for the operator, empty if all is well."""

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
    """The oldest revision whose processes can use the newest tables."""
    needed: str
    """The oldest revision of the tables that this version can use."""

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
        """The text to record in the database: oldest revision whose processes can use the tables; newest revision."""
        return f"{self.works_from} {self.newest}"

    def back_to(self) -> tuple[str, ...]:
        """Returns the revisions to which the newest tables can be downgraded without loss of data."""
        return self.known[: self.known.index(self.works_from) + 1]

    def form_of(self, connection: Connection, revision: str | None) -> SchemaForm:
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
        return SchemaForm.TOO_OLD if revision < min(self.known) else SchemaForm.NEWER


def fact_in(connection: Connection, fact: StoreFact) -> str | None:
    """Returns the detail of a recorded fact, or `None` if it is not recorded. Works on every schema revision."""
    if not inspect(connection).has_table("storerecord"):
        return None
    found = text("SELECT detail FROM storerecord WHERE fact = :fact")
    return connection.execute(found, {"fact": fact.value}).scalar()
