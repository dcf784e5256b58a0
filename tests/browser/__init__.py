"""Makes this folder a package for pytest, so that the browser and its service stop after the last test here."""
