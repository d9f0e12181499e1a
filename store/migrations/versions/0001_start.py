"""The tables of the first release; a step back is a restored backup, so there is no downgrade."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    _address()
    _attachment()
    _attempt()
    _blob()
    _bucket()
    _clock()
    _contact()
    _counter()
    _cursor()
    _customer()
    _delivery()
    _duty()
    _event()
    _lease()
    _listing()
    _message()
    _page()
    _poll()
    _quarantine()
    _ticket()
    _timer()


def _address() -> None:
    op.create_table(
        "address",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("book", AutoString(), nullable=False),
        sa.Column("value", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("book", "value", name="uq_address"),
    )
    op.create_index("ix_address_contact_id", "address", ["contact_id"])


def _attachment() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("type", AutoString(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_attachment_message_id", "attachment", ["message_id"])


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("destination", AutoString(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", AutoString(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("provider_id", AutoString(), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_attempt_message", "attempt", ["message_id"])


def _blob() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", AutoString(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )


def _bucket() -> None:
    op.create_table(
        "bucket",
        sa.Column("destination", AutoString(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("destination"),
    )


def _clock() -> None:
    op.create_table(
        "clock",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("stopped_at", UTCDateTime(), nullable=True),
        sa.Column("breached_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_clock_ticket", "clock", ["ticket_id"])


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("language", AutoString(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _cursor() -> None:
    op.create_table(
        "cursor",
        sa.Column("account", AutoString(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )


def _customer() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("grade", AutoString(), nullable=False),
        sa.Column("contract", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("page_id", sa.BigInteger(), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("destination", AutoString(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("due", UTCDateTime(), nullable=False),
        sa.Column("owner", AutoString(), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_delivery_leased",
        "delivery",
        ["lease_until"],
        sqlite_where=sa.text("owner IS NOT NULL"),
        postgresql_where=sa.text("owner IS NOT NULL"),
    )
    op.create_index("ix_delivery_message", "delivery", ["message_id"])
    op.create_index("ix_delivery_page", "delivery", ["page_id"])
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["destination", "lane", "due"],
        sqlite_where=sa.text("owner IS NULL"),
        postgresql_where=sa.text("owner IS NULL"),
    )


def _duty() -> None:
    op.create_table(
        "duty",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("by", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_duty_role", "duty", ["role", "id"])


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("more", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_event_ticket", "event", ["ticket_id", "id"])


def _lease() -> None:
    op.create_table(
        "lease",
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("owner", AutoString(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _listing() -> None:
    op.create_table(
        "listing",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_listing_person", "listing", ["person", "id"])


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("direction", AutoString(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("said_at", UTCDateTime(), nullable=True),
        sa.Column("sender", AutoString(), nullable=False),
        sa.Column("sender_name", AutoString(), nullable=False),
        sa.Column("recipient", AutoString(), nullable=False),
        sa.Column("group", AutoString(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("whole", sa.Text(), nullable=True),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("automatic", AutoString(), nullable=True),
        sa.Column("language", AutoString(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("page_id", sa.BigInteger(), nullable=True),
        sa.Column("template", AutoString(), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("provider_id", AutoString(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", "channel", name="uq_message"),
    )
    op.create_index("ix_message_contact", "message", ["contact_id", "id"])
    op.create_index(
        "ix_message_new",
        "message",
        ["id"],
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_index("ix_message_page_id", "message", ["page_id"])
    op.create_index("ix_message_provider", "message", ["provider_id"])
    op.create_index("ix_message_recipient", "message", ["recipient", "at"])
    op.create_index("ix_message_ticket", "message", ["ticket_id", "id"])


def _page() -> None:
    op.create_table(
        "page",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_page_open",
        "page",
        ["person"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_page_person", "page", ["person", "ended_at"])
    op.create_index("ix_page_ticket", "page", ["ticket_id"])


def _poll() -> None:
    op.create_table(
        "poll",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", AutoString(), nullable=False),
        sa.Column("slot", UTCDateTime(), nullable=True),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("generation", AutoString(), nullable=True),
        sa.Column("first", sa.BigInteger(), nullable=True),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_poll_account", "poll", ["account", "id"])


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("where", AutoString(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "key", name="uq_quarantine"),
    )


def _ticket() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("doubt", sa.Integer(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("title", AutoString(), nullable=False),
        sa.Column("site", AutoString(), nullable=False),
        sa.Column("symptom", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("reply_to", AutoString(), nullable=False),
        sa.Column("group", AutoString(), nullable=True),
        sa.Column("language", AutoString(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("heard_at", UTCDateTime(), nullable=False),
        sa.Column("owner", AutoString(), nullable=True),
        sa.Column("taken_at", UTCDateTime(), nullable=True),
        sa.Column("arrived_at", UTCDateTime(), nullable=True),
        sa.Column("resolved_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("linked_id", sa.BigInteger(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("plan_from", UTCDateTime(), nullable=True),
        sa.Column("plan_next", sa.Integer(), nullable=False),
        sa.Column("snoozes", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", name="uq_ticket_number"),
    )
    op.create_index("ix_ticket_contact", "ticket", ["contact_id", "id"])
    op.create_index("ix_ticket_opened", "ticket", ["opened_at"])
    op.create_index("ix_ticket_state", "ticket", ["state", "id"])


def _timer() -> None:
    op.create_table(
        "timer",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due", UTCDateTime(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("about", AutoString(), nullable=False),
        sa.Column("part", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_timer_due", "timer", ["due"])
    op.create_index("ix_timer_ticket", "timer", ["ticket_id"])
