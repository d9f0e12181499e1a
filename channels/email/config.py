"""The block of one mailbox in config.yaml."""

from __future__ import annotations

import ipaddress
import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from channels.settings import Secret, Settings

_ADDRESS = re.compile(r"^[^@\s<>,;\"]+@[^@\s<>,;\"]+$")
_TIME = re.compile(r"^(?:[01]\d|2[0-3]):[0-5]\d$")


class Server(Settings):
    """How to reach one server and who we are there."""

    host: str = Field(min_length=1)
    user: str = ""
    """The login name; that of the account when empty."""
    password: Secret | None = None
    """That of the account when missing."""
    oauth_token: Secret | None = None
    """A bearer token for XOAUTH2, instead of a password."""
    timeout_seconds: float = Field(default=30, gt=0, le=600)
    """For each step of the conversation; a long message gets more."""
    ca_file: str | None = None
    """Certificates to trust instead of the system's, for a server with one of its own."""

    @model_validator(mode="after")
    def _has_one_secret(self) -> Self:
        if self.password and self.oauth_token:
            raise ValueError("give password or oauth_token, not both")
        return self

    def local(self) -> bool:
        """Whether the server is this very machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class Imap(Server):
    """Where mail is fetched."""

    port: int = Field(default=993, ge=1, le=65535)
    tls: bool = True
    """TLS from the first byte (RFC 8314); false is for a server on this machine only."""
    mailbox: str = Field(default="INBOX", min_length=1)
    processed_folder: str | None = None
    """Where mails go once they are stored; without one they stay, marked as read."""
    mark_seen: bool = True
    keyword: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_$-]{1,40}$")
    """A further mark on stored mails, where the server allows one."""
    batch: int = Field(default=40, ge=1, le=200)
    """Mails fetched and stored together."""
    batch_mb: float = Field(default=4, gt=0, le=100)

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if not self.tls and not self.local():
            raise ValueError("without tls the password crosses the network readable; leave tls: true and port 993")
        return self


class Smtp(Server):
    """Where mail is handed over."""

    port: int = Field(default=465, ge=1, le=65535)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    """`implicit` for port 465, `starttls` for port 587, `none` for a server on this machine only."""
    login: bool = True
    """False for a relay that knows us by our address."""
    idle_seconds: float = Field(default=20, ge=0, le=300)
    """How long a connection is kept for the next mail."""

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.tls == "none" and not self.local():
            raise ValueError(
                "tls: none is for a server on this machine; use implicit (port 465) or starttls (port 587)"
            )
        return self


class Account(Settings):
    """One support mailbox."""

    address: str
    """The address customers write to and answers come from."""
    name: str = ""
    """What stands beside the address, such as the name of the support group."""
    domain: str = ""
    """The right side of our Message-IDs; the address's own domain when empty."""
    user: str = ""
    """The login name at both servers; the address when empty."""
    password: Secret | None = None
    """For both servers, where they have none of their own."""
    imap: Imap
    smtp: Smtp
    times: tuple[str, ...] = ("08:30", "12:30", "17:30")
    """When the mailbox is read, "HH:MM" in the site's time zone."""
    every_minutes: float | None = Field(default=None, gt=0, le=1440)
    """In between as well."""
    also_ours: tuple[str, ...] = ()
    """Further addresses of this group; nothing is ever sent to them by this channel."""
    max_mb: float = Field(default=25, gt=0, le=200)
    """A longer mail is not read; its beginning goes to quarantine."""
    max_parts: int = Field(default=1000, ge=1, le=100_000)
    max_depth: int = Field(default=50, ge=1, le=100)

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not _ADDRESS.match(value):
            raise ValueError("write one mail address, such as support@example.com")
        return value.lower()

    @field_validator("times")
    @classmethod
    def _are_times(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            if not _TIME.match(each):
                raise ValueError(f'{each!r} is no time of day; write "HH:MM" in quotes, such as "08:30"')
        return value

    @field_validator("also_ours")
    @classmethod
    def _in_lower_case(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(each.lower() for each in value)

    @model_validator(mode="after")
    def _is_read_sometimes(self) -> Self:
        if not self.times and self.every_minutes is None:
            raise ValueError("the mailbox would never be read; give times or every_minutes")
        return self

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        if not (self.password or self.imap.password or self.imap.oauth_token):
            raise ValueError("give password: {env: NAME} or {file: PATH}, or imap.oauth_token")
        return self

    def imap_login(self) -> Imap:
        """The imap block with user and password filled in."""
        return self.imap.model_copy(update=self._login(self.imap))

    def smtp_login(self) -> Smtp:
        """The smtp block with user and password filled in."""
        return self.smtp.model_copy(update=self._login(self.smtp))

    def _login(self, server: Server) -> dict[str, object]:
        password = None if server.oauth_token else server.password or self.password
        return {"user": server.user or self.user or self.address, "password": password}

    @property
    def our_domain(self) -> str:
        """The right side of our Message-IDs."""
        return (self.domain or self.address.rpartition("@")[2]).lower()
