"""Care areas, municipalities and registrants' units, and their facts on a given day (`docs/guide/areas.md`)."""
