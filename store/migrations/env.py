"""Lets Alembic work on the connection that it was given by `store.migrate`."""

from alembic import context
from sqlmodel import SQLModel

from store import model  # noqa: F401 - importing it fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
    # SQLite undoes CREATE TABLE as well, since we begin every transaction ourselves.
    transactional_ddl=True,
)
context.run_migrations()
