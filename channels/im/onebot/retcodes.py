"""What the return codes of a OneBot action mean for a text of ours.

botuniverse/onebot-11 names 0, 1 and 1400 to 1404 (communication/http.md, ws.md; api/README.md); 100 to 201 are those of
its ancestor (richardchien/coolq-http-api), and 200 and 1200 are what NapCat answers (NapNeko/NapCatQQ#788, #808).
"""

from __future__ import annotations

from typing import Final

from channels.contract import ChannelError, GiveUp, Misconfigured, TryLater, Uncertain

DONE: Final = 0
ASYNC: Final = 1
"""Taken, and done some time."""
MEANINGS: Final[dict[int, tuple[type[ChannelError], str]]] = {
    100: (GiveUp, "it was refused: a wrong address, or QQ held it back"),
    102: (Uncertain, "QQ's answer was not understood"),
    103: (GiveUp, "the account may not write there"),
    104: (Misconfigured, "the login of the account is over"),
    200: (Uncertain, "QQ did not confirm it"),
    201: (TryLater, "the program is not ready"),
    1200: (Uncertain, "QQ did not confirm it, as under risk control"),
    1400: (GiveUp, "the request was not understood"),
    1401: (Misconfigured, "access_token is missing"),
    1403: (Misconfigured, "access_token is wrong"),
    1404: (Misconfigured, "the program does not know the action"),
}


def error(code: int) -> ChannelError:
    """Which of our errors a code other than 0 and 1 means; one that is not listed is a refusal of this text."""
    kind, why = MEANINGS.get(code, (GiveUp, "it was refused"))
    return kind(f"onebot {code}: {why}")
