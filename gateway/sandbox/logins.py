"""Everybody of the sandbox has a password, and the sign-in page tells it; no real gateway comes here."""

from __future__ import annotations

from typing import Final

from argon2 import PasswordHasher

from gateway.accounts import Accounts
from gateway.app import House
from gateway.sandbox.people import PASSWORD, STAFF
from store.logins import listed

QUICK: Final = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""The passwords are told to everybody: digests that are hard to guess from would only make it slower."""


async def plant(house: House) -> None:
    """Give a password to whoever has none; one that was changed in a kept folder stays."""
    accounts = Accounts(
        house.config.router.people, database=house.database, writer=house.writer, now=house.clock.now, hasher=QUICK
    )
    with house.database.read() as connection:
        known = {login.person for login in listed(connection)}
    for player in STAFF:
        if player.key not in known:
            await accounts.give(player.key, PASSWORD, by="")
