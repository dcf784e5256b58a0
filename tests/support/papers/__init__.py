"""The generated parts of the papers in `docs/adopt/`, and the lists of requirements behind them."""
