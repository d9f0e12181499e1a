"""Broadcasts: groups, installations, packages, recipients, addresses not written to, passwords of the staff."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and let a line of history be about a broadcast."""
    _broadcast()
    _installation()
    _login()
    _member()
    _package()
    _recipient()
    _suppression()
    _usergroup()
    _event()


def _broadcast() -> None:
    op.create_table(
        "broadcast",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("writers", sa.JSON(), nullable=False),
        sa.Column("title", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("author", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("package_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("secret", AutoString(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("approved_by", AutoString(), nullable=False),
        sa.Column("approved_at", UTCDateTime(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("frozen", sa.Integer(), nullable=False),
        sa.Column("cursor", AutoString(), nullable=False),
        sa.Column("scheduled_at", UTCDateTime(), nullable=True),
        sa.Column("zone", AutoString(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("waves", sa.JSON(), nullable=False),
        sa.Column("wave_at", UTCDateTime(), nullable=True),
        sa.Column("counted_from", UTCDateTime(), nullable=True),
        sa.Column("due", UTCDateTime(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("link_until", UTCDateTime(), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", name="uq_broadcast"),
    )
    op.create_index("ix_broadcast_due", "broadcast", ["due"])
    op.create_index("ix_broadcast_state", "broadcast", ["state"])


def _installation() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", AutoString(), nullable=False),
        sa.Column("product", AutoString(), nullable=False),
        sa.Column("version", AutoString(), nullable=False),
        sa.Column("region", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "product", "region", name="uq_installation"),
    )
    op.create_index("ix_installation_product", "installation", ["product"])


def _login() -> None:
    op.create_table(
        "login",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", UTCDateTime(), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person", name="uq_login"),
    )


def _member() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("who", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("group_id", "who", name="uq_member"),
    )
    op.create_index("ix_member_who", "member", ["who"])


def _package() -> None:
    op.create_table(
        "package",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("version", AutoString(), nullable=False),
        sa.Column("product", AutoString(), nullable=False),
        sa.Column("applies", AutoString(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("intranet", sa.Boolean(), nullable=False),
        sa.Column("file", AutoString(), nullable=False),
        sa.Column("place", AutoString(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("sha256", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_by", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", "version", name="uq_package"),
    )


def _recipient() -> None:
    op.create_table(
        "recipient",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("who", AutoString(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("language", AutoString(), nullable=False),
        sa.Column("address", AutoString(), nullable=False),
        sa.Column("group", sa.Boolean(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("code", AutoString(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("downloaded_at", UTCDateTime(), nullable=True),
        sa.Column("trouble_at", UTCDateTime(), nullable=True),
        sa.Column("recall_at", UTCDateTime(), nullable=True),
        sa.Column("reminder_id", sa.BigInteger(), nullable=True),
        sa.Column("reminded_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("broadcast_id", "who", "channel", name="uq_recipient"),
        sa.UniqueConstraint("code", name="uq_recipient_code"),
    )
    _recipient_indexes()


def _recipient_indexes() -> None:
    op.create_index("ix_recipient_ended", "recipient", ["broadcast_id", "ended_at"])
    op.create_index("ix_recipient_message", "recipient", ["message_id"])
    for column in ("opened_at", "downloaded_at", "trouble_at"):
        known = sa.text(f"{column} IS NOT NULL")
        columns = ["broadcast_id", column]
        op.create_index(f"ix_recipient_{column}", "recipient", columns, sqlite_where=known, postgresql_where=known)
    op.create_index(
        "ix_recipient_pending",
        "recipient",
        ["broadcast_id", "channel", "wave", "id"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_recipient_recall",
        "recipient",
        ["recall_at"],
        sqlite_where=sa.text("recall_at IS NOT NULL"),
        postgresql_where=sa.text("recall_at IS NOT NULL"),
    )
    op.create_index(
        "ix_recipient_remind",
        "recipient",
        ["broadcast_id", "channel", "ended_at"],
        sqlite_where=sa.text("reminded_at IS NULL AND downloaded_at IS NULL"),
        postgresql_where=sa.text("reminded_at IS NULL AND downloaded_at IS NULL"),
    )
    op.create_index(
        "ix_recipient_reminder",
        "recipient",
        ["reminder_id"],
        sqlite_where=sa.text("reminder_id IS NOT NULL"),
        postgresql_where=sa.text("reminder_id IS NOT NULL"),
    )
    op.create_index("ix_recipient_state", "recipient", ["broadcast_id", "state", "wave", "id"])


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("address", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("broadcast_id", sa.BigInteger(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "address", name="uq_suppression"),
    )


def _usergroup() -> None:
    op.create_table(
        "usergroup",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("contractual", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="uq_user_group"),
    )


def _event() -> None:
    op.add_column("event", sa.Column("broadcast_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_event_broadcast",
        "event",
        ["broadcast_id", "id"],
        sqlite_where=sa.text("broadcast_id IS NOT NULL"),
        postgresql_where=sa.text("broadcast_id IS NOT NULL"),
    )
