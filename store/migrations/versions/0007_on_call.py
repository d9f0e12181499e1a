"""On call: shifts in place of stand-ins, presence, questions to staff, signs of life, holds, visits with proof."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, bring the stand-ins over, widen tickets, clocks and visits."""
    _shift()
    _presence()
    _inquiry()
    _pulse()
    _feed()
    _ticket()
    _clock()
    _visit()
    _attempt()
    _event()
    _alarm()


def _shift() -> None:
    op.create_table(
        "shift",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("begins", UTCDateTime(), nullable=False),
        sa.Column("ends", UTCDateTime(), nullable=True),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("swap_id", sa.BigInteger(), nullable=True),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("why", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_ticket_heard", "ticket", ["site", "heard_at"])
    op.create_index("ix_shift_ends", "shift", ["state", "ends"])
    op.create_index("ix_shift_begins", "shift", ["begins"])
    duty = sa.table("duty", *(sa.column(name) for name in ("id", "at", "role", "person", "until", "by")))
    shift = sa.table(
        "shift",
        *(
            sa.column(name)
            for name in ("id", "role", "person", "begins", "ends", "state", "swap_id", "by", "at", "why")
        ),
    )
    columns = (
        duty.c.id,
        duty.c.role,
        duty.c.person,
        duty.c.at,
        duty.c.until,
        sa.literal("in_force"),
        sa.null(),
        duty.c.by,
        duty.c.at,
        sa.literal(""),
    )
    op.execute(shift.insert().from_select([c.name for c in shift.c], sa.select(*columns)))
    op.drop_index("ix_duty_role", "duty")
    op.drop_table("duty")


def _presence() -> None:
    op.create_table(
        "presence",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("begins", UTCDateTime(), nullable=False),
        sa.Column("ends", UTCDateTime(), nullable=False),
        sa.Column("why", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_presence_ends", "presence", ["ends"])


def _inquiry() -> None:
    op.create_table(
        "inquiry",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.BigInteger(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("answer", AutoString(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("method", AutoString(), nullable=False),
        sa.Column("destination", AutoString(), nullable=False),
        sa.Column("more", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    is_open = sa.text("answer = ''")
    op.create_index("ix_inquiry_open", "inquiry", ["person"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_inquiry_ticket", "inquiry", ["ticket_id"])
    op.create_index("ix_inquiry_asked", "inquiry", ["kind", "asked_at"])


def _pulse() -> None:
    op.create_table(
        "pulse",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("alarmed_at", UTCDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="uq_pulse_name"),
    )


def _feed() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="uq_feed_digest"),
    )


def _ticket() -> None:
    with op.batch_alter_table("ticket") as batch:
        for name in ("touched_at", "held_until", "workaround_at", "second_line_at"):
            batch.add_column(sa.Column(name, UTCDateTime(), nullable=True))
        batch.add_column(sa.Column("policy", AutoString(), nullable=False, server_default=""))


def _clock() -> None:
    with op.batch_alter_table("clock") as batch:
        batch.add_column(sa.Column("paused_at", UTCDateTime(), nullable=True))
        batch.add_column(sa.Column("paused_seconds", sa.Float(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("counts_from", UTCDateTime(), nullable=True))
        batch.add_column(sa.Column("void", sa.Boolean(), nullable=False, server_default=sa.false()))


def _visit() -> None:
    with op.batch_alter_table("visit") as batch:
        batch.add_column(sa.Column("engineer", AutoString(), nullable=True))
        for name in ("sent_at", "accepted_at", "left_at", "arrived_at", "ended_at", "proved_at"):
            batch.add_column(sa.Column(name, UTCDateTime(), nullable=True))
        for name in ("by", "arrived_by", "position", "code_digest", "proof", "proved_by", "signature"):
            batch.add_column(sa.Column(name, AutoString(), nullable=False, server_default=""))
        for name in ("result", "report"):
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        for name in ("tries", "site_tries"):
            batch.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        batch.create_index("ix_visit_engineer", ["engineer", "state"])


def _attempt() -> None:
    with op.batch_alter_table("attempt") as batch:
        for name in ("recipient", "template"):
            batch.add_column(sa.Column(name, AutoString(), nullable=False, server_default=""))
        batch.create_index("ix_attempt_to", ["destination", "recipient", "started_at"])


def _event() -> None:
    trouble = sa.text("kind IN ('suppressed', 'failed', 'late', 'storm')")
    op.create_index("ix_event_trouble", "event", ["at"], sqlite_where=trouble, postgresql_where=trouble)


def _alarm() -> None:
    of_alarms = sa.text("kind = 'alarm'")
    op.create_index("ix_event_alarm", "event", ["id"], sqlite_where=of_alarms, postgresql_where=of_alarms)
