"""What every test may ask for."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def contracts() -> Path:
    """The providers' own descriptions and samples, which stand outside the project."""
    folder = Path(os.environ.get("YIZHAN_CONTRACTS", ROOT.parent / "shared" / "contracts"))
    if not folder.is_dir():
        pytest.skip(f"the providers' samples are not at {folder}; set YIZHAN_CONTRACTS to their folder")
    return folder
