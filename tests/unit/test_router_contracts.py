"""Whether a contract is in force, as the table of contacts says it."""

from datetime import date

import pytest

from router.contracts import contract_state

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("contract", "state"),
    [
        pytest.param("", "", id="nothing is known"),
        pytest.param("  ", "", id="spaces say nothing"),
        pytest.param("HT-2024-017", "in force", id="a number alone"),
        pytest.param("2024-01-01 至 2026-12-31", "in force", id="a span that goes on"),
        pytest.param("2024-01-01至2026-11-24", "in force", id="the last day counts"),
        pytest.param("2023-01-01 至 2025-12-31", "ended", id="a span that is over"),
        pytest.param("2023年1月1日到2025年12月31日", "ended", id="in Chinese"),
        pytest.param("2025.12.31到期", "ended", id="an end after the date"),
        pytest.param("valid until 2025-12-31", "ended", id="in English"),
        pytest.param("2025-12-31", "ended", id="a date alone is its end"),
        pytest.param("HT-1，签订于2020-03-01", "in force", id="the day of signing ends nothing"),
        pytest.param("一期至2024-12-31，续签至2027-12-31", "in force", id="the last end counts"),
        pytest.param("HT-2024-017 已终止", "ended", id="in words"),
        pytest.param("expired", "ended", id="in English words"),
        pytest.param("有效期至2025-13-45", "in force", id="a day that there is not"),
    ],
)
def test_the_state_of_a_contract(contract: str, state: str) -> None:
    assert contract_state(contract, TODAY) == state
