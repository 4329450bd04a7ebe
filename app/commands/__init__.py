"""The commands of the command line, one per file: each a thin face over the services."""
