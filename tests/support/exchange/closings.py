"""A file that closes many rooms of the town, and its import."""

from sqlmodel import select

from placement.core.place_codes import PlaceStatus
from placement.core.second_person_codes import SecondPersonKind
from placement.exchange import importing, open_imports
from placement.tables import Room, SecondPersonRequest
from tests.support.exchange.books import book, saved
from tests.support.town import TODAY


def many_closings(town, count):
    """Makes so many rooms; returns a file that closes them."""
    rooms = [["U5-social", f"X{number}", 1] for number in range(count)]
    content = saved(book(Kamers=[["Unit", "Kamer", "Bedden"], *rooms]))
    assert town.do(importing.import_file, content, "kamers.xlsx", "nl").carried_out
    return saved(book(Kamers=[["Unit", "Kamer", "Bedden", "Sluit op"], *([*room, TODAY] for room in rooms)]))


def import_asked(town, count=11):
    """Confirms an import that closes so many rooms; returns the request to a second person."""
    import_id = town.do(open_imports.start, many_closings(town, count), "kamers.xlsx", "nl").id
    assert town.do(open_imports.confirm, import_id, "nl").waits
    [request] = town.all(select(SecondPersonRequest).where(SecondPersonRequest.kind == SecondPersonKind.IMPORT))
    return request


def closed_rooms(town):
    return town.all(select(Room).where(Room.status == PlaceStatus.CLOSED))
