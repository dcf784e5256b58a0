"""Changes of areas, municipalities and registrants' units, by the desk."""
