"""Acts at one moment, on PostgreSQL."""

import threading

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
