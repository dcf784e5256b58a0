"""State machines of a case's parts: a table of moves each, and the one function that carries a move out."""
