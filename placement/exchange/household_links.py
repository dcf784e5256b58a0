"""Links between households of a file. Linked households stay together or are kept apart. A cell names another household
by the household's number in the file, or by the reference of its registration.
"""

from placement.core.context import Act
from placement.exchange.cell_vocabulary import plain
from placement.exchange.import_steps import Stop
from placement.exchange.table_rows import Row
from placement.tables import Registration

LINKS = ("stay_with", "keep_apart")
_Key = tuple[str, str]
"""A household, by its sheet and its number."""


class HouseholdLinks:
    """The links between households. A link is stored as soon as both households have registrations."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self._named: dict[_Key, dict[str, list[str]]] = {}
        self._registrations: dict[_Key, str] = {}

    def add(self, sheet: str, first: Row) -> None:
        """Adds a household with the links of its first row."""
        if "household" in first.values:
            links = {link: [*first.values.get(link, ())] for link in LINKS}
            self._named[sheet, plain(first.values["household"])] = links

    def made(self, sheet: str, number: str, registration: str) -> None:
        self._registrations[sheet, plain(number)] = registration

    def of(self, sheet: str, first: Row) -> dict[str, list[str]]:
        """Returns the registrations with which this household is linked. Leaves out households that have no
        registration yet. Raises `Stop` if a linked household is unknown.
        """
        here = sheet, plain(first.values["household"])
        found: dict[str, list[str]] = {}
        for link in LINKS:
            for said in first.values.get(link, ()):
                key = self._key(sheet, said)
                registration = self._registrations.get(key) if key else self._reference(link, said)
                found.setdefault(link, []).extend([registration] if registration else [])
            for other, names in self._named.items():
                if other in self._registrations and here in {self._key(other[0], one) for one in names[link]}:
                    found.setdefault(link, []).append(self._registrations[other])
        return {link: list(dict.fromkeys(ids)) for link, ids in found.items() if ids}

    def _key(self, sheet: str, said: str) -> _Key | None:
        """Returns the household with this number, on this sheet or else on another; `None` for an unknown number."""
        same = [key for key in self._named if key[1] == plain(said)]
        return next(iter(sorted(same, key=lambda key: key[0] != sheet)), None)

    def _reference(self, link: str, said: str) -> str:
        if self.act.session.get(Registration, said.strip().upper()) is None:
            raise Stop(link, "import_household_unknown", found=said)
        return said.strip().upper()
