"""Import and export of the register of shelters: spreadsheets and HSDS in, the same out (docs/guide/exchange.md)."""
