"""What happens when nobody does anything to a ticket: whoever has it is asked about it, a hold comes to its end."""

from __future__ import annotations

from gateway.files import File, Files
from gateway.inquiring import inquire
from gateway.perform import perform
from gateway.relations import follow, parent_of
from router.effects import Inquire
from router.holding import EASED, cause_open, hold_over
from router.still import quiet, unreachable
from store import rota
from store.model import InquiryKind, Timer


def still(files: Files, file: File, timer: Timer) -> None:
    """Ask whoever has a ticket and did nothing to it, or remind them of a cause that a workaround hides."""
    if timer.about == EASED:
        perform(files, file, cause_open(file.case(), files.scene))
        return
    if timer.round != file.ticket.round:
        return
    asked = rota.inquiries_of(files.tx.connection, [file.ticket.id])
    open_ = any(row["kind"] == InquiryKind.STILL and row["round"] == file.ticket.round for row in asked)
    for effect in quiet(file.case(), files.scene, parent=parent_of(files, file), asked=open_):
        if isinstance(effect, Inquire) and inquire(files, file, effect) is None:
            perform(files, file, unreachable(file.case(), files.scene))
        elif not isinstance(effect, Inquire):
            perform(files, file, [effect])


def held(files: Files, file: File, timer: Timer) -> None:
    """Let a ticket go on whose hold is over."""
    del timer
    perform(files, file, hold_over(file.case(), files.scene))
    follow(files, file)
