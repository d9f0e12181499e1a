"""`yizhan visit link`: the signed address of a customer, on paper and in JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from channels import registry
from channels.contract import Around, Wire
from gateway.__main__ import main
from gateway.clock import SystemClock

Run = Callable[..., Result]
ONE = "visit: {main: {key: {file: KEY}}}"
TWO = "visit: {main: {key: {file: KEY}}, north: {key: {file: KEY}, epoch: 3}}"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def typed(*words: str | Path, channels: str = ONE) -> Result:
        (tmp_path / "key").write_text("a key that is long enough")
        file = tmp_path / "config.yaml"
        people = 'people: {zhang: {name: 张三, addresses: {tel: "+8613800000101"}}}, rota: {lead: zhang}'
        file.write_text(
            f"gateway: {{public_url: 'https://desk.example.cn'}}\nrouter: {{{people}}}\n"
            f"channels: {{{channels.replace('KEY', str(tmp_path / 'key'))}}}\n",
            "utf-8",
        )
        given = [str(word) for word in words]
        return CliRunner().invoke(main, ["visit", "link", *given, "--config", str(file)], prog_name="yizhan")

    return typed


def test_the_address_stands_alone_on_stdout_and_is_the_same_each_time(run: Run) -> None:
    first, second = run("市第一医院"), run("市第一医院")
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout.startswith("https://desk.example.cn/in/visit/main/f/")
    assert first.stdout == second.stdout
    assert run("市第二医院").stdout != first.stdout


def test_the_address_opens_the_form_of_that_customer(run: Run, tmp_path: Path) -> None:
    url = run("市第一医院").stdout.strip()
    settings = registry.settings("visit").model_validate({"key": {"file": str(tmp_path / "key")}})
    now = SystemClock().now
    channel = registry.build("visit", settings, Around(account="main", public_url="https://x", now=now))
    path = urlsplit(url).path.removeprefix("/in/visit/main")
    wire = Wire(method="GET", url=url, path=path, headers={}, query={}, body=b"", at=now())
    (show,) = [hook for hook in channel.webhooks() if hook.method == "GET"]
    assert "客户：市第一医院" in show.read(wire).reply.body.decode()


@pytest.mark.parametrize("suffix", [".svg", ".png", ".PNG"])
def test_the_code_is_written_as_a_picture(run: Run, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"qr{suffix}"
    result = run("市第一医院", "--qr", file)
    assert result.exit_code == 0
    if suffix == ".svg":
        assert ElementTree.fromstring(file.read_bytes()).tag == "{http://www.w3.org/2000/svg}svg"
    else:
        assert file.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_the_json_names_everything(run: Run, tmp_path: Path) -> None:
    row = json.loads(run("市第一医院", "--json", "--qr", tmp_path / "qr.svg").stdout)
    assert (row["customer"], row["account"], row["qr"]) == ("市第一医院", "visit:main", str(tmp_path / "qr.svg"))
    assert row["address"] == run("市第一医院").stdout.strip()


def test_with_several_accounts_one_is_chosen(run: Run) -> None:
    result = run("市第一医院", channels=TWO)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "choose one with --account: main, north" in result.stderr
    assert "/in/visit/north/f/" in run("市第一医院", "--account", "north", channels=TWO).stdout


@pytest.mark.parametrize(
    ("words", "channels", "code", "said"),
    [
        (["x", "--account", "south"], ONE, 1, "there is no account visit:south; known here: main"),
        (["x"], "", 1, "docs/channels/visit.md"),
        (["  "], ONE, 2, "1 to 100 characters"),
        (["x", "--qr", "qr.gif"], ONE, 2, "ends in .svg or .png"),
        (["x", "--qr", "/nowhere/at/all.svg"], ONE, 1, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_on_stderr(run: Run, words: list[str], channels: str, code: int, said: str) -> None:
    result = run(*words, channels=channels)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
