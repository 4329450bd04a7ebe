"""The steps of the schema, in order; Alembic runs them."""
