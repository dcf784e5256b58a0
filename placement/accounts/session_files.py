"""Uploaded files of imports. The end of an import deletes its file, and destroys the key that encrypts the file."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete
from sqlmodel import col, select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.storage.field_sealing import destroy_keys
from placement.tables import OpenImport


def end(act: Act, *where: ColumnElement[bool]) -> int:
    """Ends the imports in progress that meet these conditions, without reading their files. Returns their number."""
    found = act.session.exec(select(OpenImport.id).where(*where).order_by(OpenImport.id)).all()
    for import_id in found:
        audit_log.write(act, Event.IMPORT_ENDED, subject=import_id)
    erase(act, found)
    return len(found)


def erase(act: Act, ids: Sequence[str]) -> None:
    """Deletes these files, and destroys their keys at the end of the transaction."""
    if ids:
        act.session.execute(delete(OpenImport).where(col(OpenImport.id).in_(ids)))
        destroy_keys(act, ids)
