"""`yizhan tickets dispatch`, `yizhan visit list` and `yizhan visit site-code`, without a running gateway."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from gateway.__main__ import main
from gateway.signing import Seals
from store.db import open_database
from store.model import Ticket
from store.work import Work
from store.writer import Tx, Writer

Run = Callable[..., Result]
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CONFIG = """
gateway: {public_url: "https://desk.example.cn", TOKEN}
router:
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota: {lead: zhang}
  sites: [滨江机房]
channels: {sms: {main: {provider: twilio, account_sid: ACSID, auth_token: {file: SECRET}, number: "+15550001111"}}}
store: {url: "sqlite:///STORE"}
"""


@pytest.fixture
def run(tmp_path: Path, made_store: bytes) -> Run:
    (tmp_path / "yizhan.db").write_bytes(made_store)
    (tmp_path / "secret").write_text("a token of some length")

    def typed(*words: str | Path, token: bool = True) -> Result:
        file = tmp_path / "config.yaml"
        text = CONFIG.replace("TOKEN", f"operator_token: {{file: '{tmp_path / 'secret'}'}}" if token else "port: 8000")
        text = (
            text.replace("SECRET", str(tmp_path / "secret"))
            .replace("SID", "0" * 32)
            .replace("STORE", str(tmp_path / "yizhan.db"))
        )
        file.write_text(text, "utf-8")
        given = [str(word) for word in words]
        return CliRunner().invoke(main, [*given, "--config", str(file)], prog_name="yizhan")

    return typed


async def ticket(folder: Path) -> None:
    def write(tx: Tx, items: Sequence[None]) -> Sequence[None]:
        work = Work(tx)
        row = Ticket(
            id=work.id(),
            number=1001,
            kind="fault",
            level=1,
            state="taken",
            owner="zhang",
            title="断电",
            site="滨江机房",
            channel="sms:main",
            opened_at=NOW,
            heard_at=NOW,
        )
        work.add(row)
        work.flush()
        return items

    database = open_database(f"sqlite:///{folder / 'yizhan.db'}", now=lambda: NOW)
    writer = Writer(database, woken=lambda _: None)
    writer.start()
    await writer.do(write, None)
    await writer.stop()
    database.close()


async def test_a_visit_that_is_ordered_is_listed(run: Run, tmp_path: Path) -> None:
    await ticket(tmp_path)
    assert "there is no visit" in run("visit", "list").stderr
    ordered = await in_thread(run, "tickets", "dispatch", "1001", "李雷", "--by", "zhang")
    assert (ordered.exit_code, ordered.stderr.strip()) == (0, "visit_sent")
    (line,) = run("visit", "list", "--open").stdout.splitlines()
    assert line.split()[:2] == ["1001", "sent"]
    assert "李雷" in line
    row = json.loads(run("visit", "list", "--json").stdout)
    assert (row["number"], row["engineer"], row["by"], row["place"]) == (1001, "li", "zhang", "滨江机房")
    assert "code_digest" not in row
    again = await in_thread(run, "tickets", "dispatch", "1001", "李雷", "--by", "zhang")
    assert (again.exit_code, "visit_already" in again.stderr) == (1, True)
    assert "visit sent: by 李雷; at 滨江机房" in run("tickets", "show", "1001").stdout


async def in_thread(run: Run, *words: str) -> Result:
    """The command has a loop of its own."""
    return await asyncio.to_thread(run, *words)


def test_the_code_of_a_site_opens_that_site(run: Run, tmp_path: Path) -> None:
    first = run("visit", "site-code", "滨江机房", "--qr", tmp_path / "qr.svg")
    assert (first.exit_code, first.stderr) == (0, "")
    address = first.stdout.strip()
    assert address.startswith("https://desk.example.cn/s/")
    assert ElementTree.fromstring((tmp_path / "qr.svg").read_bytes()).tag == "{http://www.w3.org/2000/svg}svg"
    assert run("visit", "site-code", "滨江机房").stdout.strip() == address
    assert json.loads(run("visit", "site-code", "滨江机房", "--json").stdout)["address"] == address
    assert Seals(b"another key").read_site(address.rpartition("/")[2]) is None


def test_a_code_that_the_next_start_would_void_is_refused(run: Run) -> None:
    refused = run("visit", "site-code", "滨江机房", token=False)
    assert (refused.exit_code, "operator_token" in refused.stderr) == (1, True)


def test_a_site_that_no_ticket_can_name_is_told_of(run: Run) -> None:
    assert "not among router.sites" in run("visit", "site-code", "滨江").stderr
