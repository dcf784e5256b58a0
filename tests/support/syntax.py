"""The syntax of source files; each is parsed once, as many tests look through all of the code."""

import ast
from functools import cache


@cache
def nodes_in(source: str) -> tuple[ast.AST, ...]:
    """Every node of this source, the module first. Not to be changed: all that ask get the same."""
    return tuple(ast.walk(ast.parse(source)))
