"""Frozen problems. Each problem is stored only once, and all proposals made from it refer to it."""

import hashlib

from sqlalchemy import update
from sqlmodel import Session, col, select

from matching import Problem, read_problem, write_problem
from placement.core.errors import Conflict
from placement.core.ids import new_id
from placement.storage.field_sealing import keys_of_session
from placement.storage.locks import Shared, lock
from placement.tables import FrozenProblem, Proposal

_PURPOSE = "frozenproblem.problem"


def freeze(session: Session, problem: Problem) -> str:
    """Stores the problem and returns its id. If an equal problem is stored and can be decrypted, returns the id of that
    problem.
    """
    written, keys = write_problem(problem), keys_of_session(session)
    digest = hashlib.sha256(written).hexdigest()
    lock(session, Shared.PROBLEM, digest)
    equal = col(FrozenProblem.fingerprint).in_(keys.ring.indexes(_PURPOSE, digest))
    # The lock prevents the erasure of the found row before the new proposal refers to it.
    stored = select(FrozenProblem.id).where(equal).with_for_update(read=True, key_share=True)
    for found in session.exec(stored).all():
        if keys.store.opens(found) and not keys.store.is_destroyed(found):
            return found
        session.execute(update(FrozenProblem).where(col(FrozenProblem.id) == found).values(fingerprint=None))
    frozen = FrozenProblem(id=new_id("F"), fingerprint=keys.ring.index(_PURPOSE, digest), problem=written.decode())
    session.add(frozen)
    session.flush()
    return frozen.id


def problem_of(session: Session, proposal: Proposal) -> Problem:
    """Returns the problem of a proposal. Raises `Conflict` if retention has erased the problem."""
    frozen = session.get(FrozenProblem, proposal.problem_id) if proposal.problem_id else proposal
    if frozen is None or frozen.problem is None:
        raise Conflict("content_erased")
    return read_problem(frozen.problem.encode())
