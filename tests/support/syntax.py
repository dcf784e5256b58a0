"""The syntax of source files; each is parsed once, as many tests look through all of the code."""

import ast
from functools import cache


@cache
def nodes_in(source: str) -> tuple[ast.AST, ...]:
    """Returns every node of this source, the module first. All callers get the same nodes, and must not change them."""
    return tuple(ast.walk(ast.parse(source)))
