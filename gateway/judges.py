"""The learned judge in use: what the site taught it, or what comes with the program."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path

import structlog

from gateway.config import Config
from router.learned import Learned, load

log = structlog.get_logger()


@lru_cache(maxsize=1)
def packaged_judge() -> Learned:
    """Read the judge that comes with the program; every gateway of a process shares it."""
    return load(resources.files("router").joinpath("judge.model").read_bytes())


def site_judge(config: Config) -> Learned | None:
    """Read what the site taught; None where it taught nothing. Raises ValueError when the file is of no use."""
    try:
        return load(Path(config.router.model).read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ValueError(f"the model of the judge cannot be read: {error.strerror}") from error


def judge_of(config: Config) -> Learned:
    """Give the judge of a site; one that is damaged or too old is left, because nobody must wait for a judgement."""
    try:
        return site_judge(config) or packaged_judge()
    except ValueError as error:
        log.error("judge_model_left", file=config.router.model, why=str(error), judge="packaged")
        return packaged_judge()
