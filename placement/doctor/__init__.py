"""The examination of an installation: a check for each thing that it depends on, with advice for each finding."""
