"""The schema's history; ``data.migrate`` runs it."""
