"""What the commands say to the gateway goes there, and nowhere else."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from gateway.commands import desk, doctor
from gateway.commands.broadcast_wire import Refused, Wire
from gateway.commands.package_sender import Refused as Sent
from gateway.commands.package_sender import Sender
from gateway.config import Config, load

Talk = Callable[[Config, str], object]


class Leads(HTTPServer):
    """Leads every request elsewhere, and keeps what came along."""

    def __init__(self, to: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.server.heard.append(self.headers.get("Authorization", ""))  # type: ignore[attr-defined]
                self.send_response(302)
                self.send_header("Location", to)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_DELETE(self) -> None:
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.heard: list[str] = []

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def elsewhere() -> Iterator[Leads]:
    yield from answering("http://127.0.0.1:9/")


@pytest.fixture
def gateway(elsewhere: Leads) -> Iterator[Leads]:
    yield from answering(f"{elsewhere.url}/")


def answering(to: str) -> Iterator[Leads]:
    with Leads(to) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def refused_desk(config: Config, _: str) -> None:
    with pytest.raises(SystemExit):
        desk._remotely(config, "account.remove", {"person": "zhang"})


def refused_wire(config: Config, _: str) -> None:
    with pytest.raises(Refused):
        Wire(config).get("/broadcasts")


def refused_sender(_: Config, base: str) -> None:
    with pytest.raises(Sent):
        Sender(base=base, person="zhang", password="secret").ask("GET", "/packages")


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(refused_desk, id="changes"),
        pytest.param(refused_wire, id="broadcasts"),
        pytest.param(refused_sender, id="packages"),
        pytest.param(lambda config, _: next(doctor._state(config)), id="doctor"),
    ],
)
def test_password_and_token_go_to_no_proxy_and_follow_no_redirect(
    talk: Talk, gateway: Leads, elsewhere: Leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, elsewhere.url)
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("TOKEN_OF_TEST", "a token of some length")
    file = tmp_path / "config.yaml"
    port = f"gateway: {{port: {gateway.server_port}, operator_token: {{env: TOKEN_OF_TEST}}}}\n"
    store = f"store: {{url: 'sqlite:///{tmp_path}/yizhan.db'}}\n"
    people = "router: {people: {zhang: {name: 张三, addresses: {tel: '+8613800000101'}}}, rota: {lead: zhang}}\n"
    file.write_text(port + store + people, "utf-8")
    talk(load(str(file)), f"{gateway.url}/api/v1")
    assert (len(gateway.heard), bool(gateway.heard[0]), elsewhere.heard) == (1, True, [])
