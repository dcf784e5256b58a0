"""A process that holds the locks of the log in an open transaction, until it is killed or its connection ends.

It prints `holds`. It then waits for a line, or with the word `busy` begins a long statement at once. After a line it
asks the database, and prints `answered`, or the cause of the error.
"""

import sys

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from placement.core.settings import Settings
from placement.storage import hash_chain
from placement.storage.database_faults import cause_of
from placement.storage.engines import engine_for

_LONG = "SELECT pg_sleep(600)"


def main() -> None:
    is_busy = sys.argv[1:] == ["busy"]
    with Session(engine_for(Settings.from_environment())) as session:
        hash_chain.lock(session)
        sys.stdout.write("holds\n")
        sys.stdout.flush()
        if not is_busy:
            sys.stdin.readline()
        try:
            session.execute(text(_LONG if is_busy else "SELECT 1"))
        except DBAPIError as error:
            sys.stdout.write(f"{cause_of(error)}\n")
        else:
            sys.stdout.write("answered\n")


if __name__ == "__main__":
    main()
