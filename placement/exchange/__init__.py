"""Import and export of the register of shelters, as spreadsheets and as HSDS (docs/guide/exchange.md)."""
