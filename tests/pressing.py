"""Pressing what leads to another page, and waiting until that page is there."""

from typing import Any


def press(button: Any) -> None:
    """Click, and return once the page that follows has come."""
    with button.page.expect_navigation():
        button.click()
