"""The check that the service's own packages are installed. Other projects on the package index have the same names
`api`, `fixtures` and `matching`. So a package of the service may be missing, or replaced by a foreign package.
"""

from importlib import metadata
from importlib.metadata import EntryPoint

from placement.core.errors import Misconfigured

_OF_SERVICE = ("api", "matching")
_OF_DEMO = "fixtures"


def foreign(*names: str) -> str | None:
    """Returns a message if a foreign package with any of these names is installed, otherwise `None`."""
    for name in names or (*_OF_SERVICE, _OF_DEMO):
        found = next(iter(metadata.distributions(name=name)), None)
        if found is not None:
            ours = "shelter-placement-demo" if name == _OF_DEMO else "shelter-placement"
            return (
                f"`{name}` {found.version} is a foreign package in the place of ours:"
                f" uninstall `{name}`, and install {ours} again"
            )
    return None


def require_own() -> None:
    """Raises `Misconfigured` if a foreign package is in the place of a package of the service."""
    if (why := foreign(*_OF_SERVICE)) is not None:
        raise Misconfigured(why)


def demo() -> EntryPoint:
    """Returns the entry point that loads the synthetic country, from a package that nothing in production imports.
    Raises `Misconfigured` if this package is not installed.
    """
    if (why := foreign(_OF_DEMO)) is not None:
        raise Misconfigured(why)
    for found in metadata.entry_points(group="placement.demo"):
        return found
    raise Misconfigured("the synthetic country is not installed: install `shelter-placement-demo` of the same version")
