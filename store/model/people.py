"""Who: customers, contacts, their addresses."""

from datetime import datetime

from sqlalchemy import UniqueConstraint

from store.model.base import Noun, key, ref


class Customer(Noun, table=True):
    """The organisation: grade and contract."""

    id: int = key()
    name: str
    grade: str = ""
    contract: str = ""


class Contact(Noun, table=True):
    """A person of a customer, known by addresses. Staff stand in the configuration."""

    id: int = key()
    name: str = ""
    customer_id: int | None = ref()
    language: str = "zh"
    created_at: datetime


class Address(Noun, table=True):
    """One way to a contact: an address book (tel, email, or a channel's own name) and the id in it."""

    __table_args__ = (UniqueConstraint("book", "value", name="uq_address"),)

    id: int = key()
    contact_id: int = ref(index=True, nullable=False)
    book: str
    value: str


class StaffAddress(Noun, table=True):
    """One more way to one of the staff, proved by a one-time code; the others stand in the configuration."""

    __table_args__ = (UniqueConstraint("book", "value", name="uq_staff_address"),)

    id: int = key()
    book: str
    value: str
    person: str
    at: datetime


class LinkCode(Noun, table=True):
    """A one-time code that makes the address from which it is written one of a known person's."""

    __table_args__ = (UniqueConstraint("digest", name="uq_link_code"),)

    id: int = key()
    digest: str
    """SHA-256 of the code in hex: the code itself is told once and kept nowhere."""
    contact_id: int | None = ref()
    person: str = ""
    """A staff key, where it is for one of the staff."""
    expires_at: datetime
    used_at: datetime | None = None
