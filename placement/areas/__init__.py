"""Care areas, municipalities and registrants' units: what they are on a day (`docs/guide/areas.md`)."""
