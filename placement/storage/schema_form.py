"""The form of the tables, as it compares with the form that this version of the service knows."""

from enum import Enum

from sqlalchemy import Connection, inspect

LEADS_HERE = "0.1.0"
"""The version of the service that brings older tables to the first revision of this version (`deploy/releases/`)."""
_REVISIONS = "alembic_version"
"""The table in which the revision stands."""


class SchemaForm(Enum):
    """Its value: why the service does not start with such tables, and what to do."""

    CURRENT = ""
    EMPTY = (
        "the database has no tables: if the service was in use, look at DATABASE_URL, and restore a backup if the"
        " database is lost; a new service begins with `placement init`"
    )
    OLDER = "the tables are older than this version of the service: run `placement migrate`"
    TOO_OLD = (
        "the tables are from before the first revision that this version knows: migrate them with version"
        f" {LEADS_HERE} of the service, then start this version (docs/guide/deploy.md)"
    )
    NEWER = "the tables are newer than this version of the service: start the newer version, and change nothing"
    FOREIGN = "the tables are not of this service: look at DATABASE_URL"


def form_of(connection: Connection, revision: str | None, known: set[str], newest: str) -> SchemaForm:
    """Returns the form of tables with this revision. `known`: every revision that this version has; they are numbers in
    digits of one length.
    """
    if revision == newest:
        return SchemaForm.CURRENT
    if revision is None:
        return SchemaForm.FOREIGN if set(inspect(connection).get_table_names()) - {_REVISIONS} else SchemaForm.EMPTY
    return SchemaForm.OLDER if revision in known else form_of_unknown(revision, known)


def form_of_unknown(revision: str, known: set[str]) -> SchemaForm:
    """Returns the form of tables with a revision that this version does not have."""
    return SchemaForm.TOO_OLD if revision < min(known) else SchemaForm.NEWER
