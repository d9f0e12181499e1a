"""Where the killed gateway keeps its memory."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], str]:
    """Makes the address of an empty database."""
    return lambda: f"sqlite:///{tmp_path / 'store.db'}"
