"""Version 1 of the API, with a file for each resource."""
