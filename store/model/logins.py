"""The passwords of the staff; who they are and what they may do stands in the configuration."""

from datetime import datetime

from sqlalchemy import UniqueConstraint

from store.model.base import Noun, key


class Login(Noun, table=True):
    """The password of one of the staff. The row outlives the password, so that its epoch is never used again."""

    __table_args__ = (UniqueConstraint("person", name="uq_login"),)

    id: int = key()
    person: str
    """A staff key."""
    digest: str
    """argon2id, with its parameters and salt (RFC 9106); "" after the password was taken away."""
    epoch: int = 1
    """Grows with each new password and sign-out everywhere: older sessions end."""
    at: datetime
    """When the password was set."""
    failures: int = 0
    """Wrong passwords in a row."""
    locked_until: datetime | None = None
    seen_at: datetime | None = None
    """When the password was last shown."""
