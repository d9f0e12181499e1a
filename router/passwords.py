"""What a password of the staff must be, and how long one rests after wrong ones."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

LEAST: Final = 10
MOST: Final = 200
"""Characters of a password."""
REST: Final = 6
"""Characters that must be left of it without the person's own names."""
SIGNS: Final = 4
"""Different characters that it must have."""
FREE: Final = timedelta(0)
LOCKS: Final = (FREE, FREE, FREE, FREE, *(timedelta(minutes=n) for n in (1, 2, 4, 8, 16, 30)))
"""How long the first, second, ... wrong password in a row locks; the last holds for all further ones."""
_COMMON: Final = """
123456 1234567 12345678 123456789 654321 abc123 qwerty password 111111 666666 888888 000000 987654321 147258369
741852963 0123456789 1234567890 0987654321 9876543210 12345678910 123456789a 123456789q 123123123123 1111111111
0000000000 5201314520 1314520520 1357924680 147258369a 112233445566 a123456789 aa123456789 abc1234567 abc123456789
abcd123456 abcd1234567 abcdefghij abcdefg123 qwe123456789 q123456789 w123456789 z123456789
zxc123456789 asd123456789
woaini1314 woaini520 woaini1314520 woaini5201314 qwertyuiop qwerty12345 qwerty123456 qwer123456 qwer12345678
1qaz2wsx3edc 1qaz@wsx3edc 1q2w3e4r5t 1q2w3e4r5t6y qazwsxedcrfv asdfghjkl1 asdfghjkl123 zxcvbnm123 password12
password123 password1234 password@123 p@ssw0rd123 p@ssword123 passw0rd123 admin12345 admin123456 admin@12345
admin@123456 administrator administrator1 welcome123 welcome1234 letmein123 changeme123 changeme1234 iloveyou123
support123 support1234 test123456 test1234567 root123456 user123456 guest12345 guest123456 sandbox-password
"""
COMMON: Final = frozenset(_COMMON.split())
"""Those that are tried first by whoever guesses, in lower case; the last one stands in our own documents."""


def normal(password: str) -> str:
    """Return a password as it is kept and compared: full-width signs of an input method are the narrow ones."""
    return unicodedata.normalize("NFKC", password)


def flaw(password: str, names: Sequence[str]) -> str:
    """Say what is wrong with a new password of somebody with these names; "" when nothing is."""
    given = normal(password)
    if len(given) < LEAST:
        return "too_short"
    if len(given) > MOST:
        return "too_long"
    plain = given.casefold()
    if plain in COMMON or len(set(plain)) < SIGNS:
        return "too_common"
    bare = plain
    for name in filter(None, (normal(one).casefold() for one in names)):
        bare = bare.replace(name, "")
    return "own_name" if bare != plain and (len(bare) < REST or bare in COMMON) else ""
