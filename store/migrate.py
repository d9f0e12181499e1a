"""Runs the migrations that lie in the installed package; there is no alembic.ini."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, update

from store.db import table_of
from store.ids import NODES
from store.model import Counter


def config(connection: Connection) -> Config:
    """Set Alembic up for one connection; its transaction is the caller's."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest form, in the caller's transaction."""
    command.upgrade(config(connection), "head")


def next_node(connection: Connection) -> int:
    """Hand out a node number for ids: the last 1,024 processes that started have different ones."""
    table = table_of(Counter)
    row = connection.execute(select(table.c.value).where(table.c.name == "node").with_for_update()).scalar()
    if row is None:
        connection.execute(table.insert(), {"name": "node", "value": 0})
        return 0
    connection.execute(update(table).where(table.c.name == "node").values(value=row + 1))
    return int(row + 1) % NODES
