"""Care areas, municipalities and registrants' units, with their facts on a given day (`docs/guide/areas.md`)."""
