"""aiogram, loaded so that it costs 25 MB and half a second instead of 128 MB and two and a half.

The last lines of `aiogram/types/__init__.py` (3.31) build the validators of all 403 models at once, and each holds its
own copy of every model it can reach, which is nearly all. The models say `defer_build` themselves: only those that are
used here are built, by `ready`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel


@contextmanager
def unbuilt() -> Iterator[None]:
    """Within, models of aiogram are not built when asked; those of everybody else are as always."""
    kept = BaseModel.__dict__["model_rebuild"]
    build = BaseModel.model_rebuild.__func__  # type: ignore[attr-defined]

    def later(model: type[BaseModel], /, **how: Any) -> bool | None:
        if model.__module__.startswith("aiogram."):
            return None
        how["_parent_namespace_depth"] = how.get("_parent_namespace_depth", 2) + 1
        built: bool | None = build(model, **how)
        return built

    BaseModel.model_rebuild = classmethod(later)  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        BaseModel.model_rebuild = kept  # type: ignore[method-assign]


with unbuilt():
    from aiogram import Bot, methods, types
    from aiogram.client.session.base import BaseSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.exceptions import ClientDecodeError
    from aiogram.methods.base import TelegramMethod, TelegramType

__all__ = [
    "BaseSession", "Bot", "ClientDecodeError", "TelegramAPIServer", "TelegramMethod", "TelegramType", "methods",
    "ready", "types",
]  # fmt: skip


def ready(*models: type[BaseModel]) -> None:
    """Build the validators of some models of aiogram; their fields name each other by all names of aiogram.types."""
    names = {name: getattr(types, name) for name in types.__all__}
    for model in models:
        model.model_rebuild(_types_namespace=names)
