"""Files that lie with providers, access tokens, linked identities, texts that replace others."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and the column."""
    with op.batch_alter_table("message") as batch:
        batch.add_column(sa.Column("replaces", AutoString(), nullable=True))
    _fetch()
    _accesstoken()
    _people()


def _fetch() -> None:
    op.create_table(
        "fetch",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("type", AutoString(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("due", UTCDateTime(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_fetch_due", "fetch", ["due"])


def _accesstoken() -> None:
    op.create_table(
        "accesstoken",
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("renew_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _people() -> None:
    op.create_table(
        "staffaddress",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("book", AutoString(), nullable=False),
        sa.Column("value", AutoString(), nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("book", "value", name="uq_staff_address"),
    )
    op.create_table(
        "linkcode",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="uq_link_code"),
    )
