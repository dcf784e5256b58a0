"""Acts at one moment."""

import threading
import time

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from placement.core.errors import PlacementError

PATIENCE = 60.0


def at_once(*verbs):
    """Runs these at one moment; what each returned or raised, in their order. A deadlock is an error here."""
    together = threading.Barrier(len(verbs))
    outcomes = [None] * len(verbs)

    def run(number, verb):
        together.wait()
        try:
            outcomes[number] = verb()
        except (PlacementError, DatabaseError) as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=one) for one in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    assert [one for one in outcomes if isinstance(one, DatabaseError)] == []
    return outcomes


def worked(outcomes):
    return [one for one in outcomes if not isinstance(one, Exception)]


def beside(town, verb):
    """Begins an act in a thread, and goes on when it is done or waits for a lock; the thread, to be joined."""
    thread = threading.Thread(target=verb)
    thread.start()
    while thread.is_alive() and not _waits_for_a_lock(town):
        time.sleep(0.01)
    return thread


def _waits_for_a_lock(town):
    with town.database.engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one() > 0
