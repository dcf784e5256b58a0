"""State machines of a case's parts: a table of moves for each part, and the function that carries out a move."""
