"""State machines of a case's parts: a table of moves each, and the function that carries out a move."""
