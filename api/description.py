"""Prints the OpenAPI description without a running service. `python -m api.description > openapi.json` prints all of
it; `python -m api.description shelters` prints the part for the software of shelters.

It contains the operator's contact if the environment sets a contact.
"""

import json
import sys

from litestar import Litestar
from litestar.di import Provide
from litestar.plugins.pydantic import PydanticPlugin

from api.http.context import acts_of
from api.http.openapi import complete, marks_of, openapi
from api.http.openapi_slices import for_shelters
from api.v1.routes import ROUTES
from placement.core.setting_parts import Contact
from placement.core.settings import Settings


def description(contact: Contact | None = None) -> dict[str, object]:
    """Returns the content of `/api/v1/openapi.json`."""
    app = Litestar(
        route_handlers=[ROUTES],
        dependencies={"acts": Provide(acts_of)},
        plugins=[PydanticPlugin(prefer_alias=True)],
        openapi_config=openapi(contact=contact),
    )
    return complete(app.openapi_schema.to_schema(), marks_of(app))


if __name__ == "__main__":
    whole = description(Settings.from_environment().contact)
    json.dump(for_shelters(whole) if sys.argv[1:] == ["shelters"] else whole, sys.stdout, indent=2)
