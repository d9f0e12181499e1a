"""The tables come from migrations alone, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

from store import model  # noqa: F401 - fills the metadata
from store.db import Database


def test_a_database_made_from_nothing_has_all_tables(empty_url, opened):
    database = opened(empty_url)
    database.migrate()
    with database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {*SQLModel.metadata.tables, "alembic_version"}


def test_the_migrations_and_the_nouns_say_the_same(database: Database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def _indexes(connection):
    return {
        (
            table,
            index["name"],
            *index["column_names"],
            *(str(part) for part in index.get("dialect_options", {}).values()),
        )
        for table in SQLModel.metadata.tables
        for index in inspect(connection).get_indexes(table)
        if not index.get("duplicates_constraint") and not index["unique"]
    }


def test_migrations_make_the_same_partial_indexes_as_the_nouns(database: Database, empty_url, opened):
    fresh = opened(empty_url.replace("store.db", "other.db"))
    with fresh.engine.begin() as connection:
        SQLModel.metadata.create_all(connection)
    with fresh.engine.connect() as wanted, database.engine.connect() as found:
        assert _indexes(found) == _indexes(wanted)


def test_migrating_twice_changes_nothing(database: Database):
    database.migrate()
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == ["0008"]


@pytest.mark.postgres
def test_every_process_on_postgresql_gets_a_node_of_its_own(postgres, opened):
    postgres.run("CREATE DATABASE nodes TEMPLATE template")
    nodes = []
    for _ in range(3):
        database = opened(postgres.url("nodes"))
        database.migrate()
        nodes.append(database.ids.node)
    assert nodes == [nodes[0], nodes[0] + 1, nodes[0] + 2]
