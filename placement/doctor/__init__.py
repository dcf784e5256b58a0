"""Whether an installation is well: one check for each thing that it stands on, each with what to do."""
