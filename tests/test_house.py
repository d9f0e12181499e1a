"""The walls of the house: every line in its room, no room too big, nothing left open.

Each wall is a function from files to the places that break it, so that it can be shown a bad example as well.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from channels import registry

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("gateway", "channels", "router", "store")
PAGES = (".py", ".html", ".js", ".css")

PROVIDERS = re.compile(
    r"(?<![a-z])(telegram|wechat|weixin|wecom|qq|onebot|whatsapp|dingtalk|feishu|smtp|imap|twilio|twiml|aliyun|tencent"
    r"|huawei|baidu|messagesid|callsid)(?![a-z])",
    re.IGNORECASE,
)
SPOKEN = {
    ("gateway/replay/scenario.py", "wechat"): "the format of scenarios is fixed and names its channels",
    ("gateway/replay/scenario.py", "qq"): "as above",
    ("gateway/replay/scenario.py", "telegram"): "as above",
    ("gateway/replay/play.py", "wechat"): "as above: those that have no adapter go straight to the intake",
    ("gateway/replay/play.py", "qq"): "as above",
    ("gateway/replay/play.py", "telegram"): "as above",
    ("gateway/stage.py", "twilio"): "a scenario may switch off the provider of several channels by its name",
}
"""Where a provider's word may stand outside its folder, and why."""
DRIVERS = ("sqlalchemy", "sqlmodel", "sqlite3", "psycopg", "alembic")
STATEMENT = re.compile(r"^\s*(SELECT\s.+\sFROM|INSERT INTO|UPDATE\s\w+\sSET|DELETE FROM|CREATE TABLE)\b", re.DOTALL)
IMPURE = frozenset({"now", "utcnow", "today", "open", "print", "random"})
OPENED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
FIVE = ("adapter.py", "parse.py", "config.py", "simulator.py", "README.md")

Wall = Callable[[str, str], Iterator[str]]
"""From the path of a file, relative to the root, and its text to the places that break the wall."""


def broken(wall: Wall, files: list[Path]) -> list[str]:
    """All places that break a wall."""
    return [place for file in files for place in wall(file.relative_to(ROOT).as_posix(), file.read_text("utf-8"))]


def sources(*rooms: str, ends: tuple[str, ...] = (".py",)) -> list[Path]:
    """The files of some rooms that people write; migrations are generated and never edited once released."""
    return sorted(
        file
        for room in rooms
        for file in (ROOT / room).rglob("*")
        if file.suffix in ends and "migrations/versions" not in file.as_posix()
    )


def pure() -> list[Path]:
    """The files that answer the same to the same arguments."""
    single = [ROOT / "channels/text.py", ROOT / "gateway/web/view.py"]
    return [*sources("router"), *sorted((ROOT / "channels").glob("**/parse.py")), *single]


def provider_words(path: str, text: str) -> Iterator[str]:
    """Find providers' names; rules of judgement are not looked at: customers say what they say."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in PROVIDERS.finditer(line):
            if (path, found[0].lower()) not in SPOKEN:
                yield f"{path}:{number}: {found[0]}"


def sql(path: str, text: str) -> Iterator[str]:
    """Find what talks to a database; the type of a connection may be named, since it is handed through."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                imported = [(name.name, "") for name in names]
            case ast.ImportFrom(module=str(module), names=names):
                imported = [(module, name.name) for name in names]
            case ast.Constant(value=str(value)) if STATEMENT.match(value):
                yield f"{path}:{node.lineno}: a statement"
                continue
            case _:
                continue
        for module, name in imported:
            if module.partition(".")[0] in DRIVERS and (module, name) != ("sqlalchemy", "Connection"):
                yield f"{path}:{node.lineno}: {module} {name}".rstrip()


def impurity(path: str, text: str) -> Iterator[str]:
    """Find clocks, files, output, chance and waiting."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in IMPURE:
                yield f"{path}:{node.lineno}: {name}("
            case ast.Name(id="random") | ast.Import(names=[ast.alias(name="random")]) | ast.ImportFrom(module="random"):
                yield f"{path}:{node.lineno}: random"
            case ast.Await() | ast.AsyncFunctionDef() | ast.AsyncFor() | ast.AsyncWith():
                yield f"{path}:{node.lineno}: await"


def sizes(path: str, text: str) -> Iterator[str]:
    """Find files and functions that nobody holds in their head."""
    lines = text.count("\n")
    if lines > LONGEST_FILE:
        yield f"{path}: {lines} lines"
    if path.endswith(".py"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    yield f"{path}:{node.lineno}: {node.name} has {length} lines"


def undocumented(path: str, text: str) -> Iterator[str]:
    """Find public modules, classes and functions without a docstring.

    A setter is told of by its property, and what a Protocol asks for ("...") by its class.
    """
    tree = ast.parse(text)
    if not ast.get_docstring(tree):
        yield f"{path}: the module"
    yield from _undocumented(path, tree)


def _undocumented(path: str, parent: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in parent.body:
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) or node.name.startswith("_"):
            continue
        setter = any(isinstance(one, ast.Attribute) and one.attr == "setter" for one in node.decorator_list)
        asked_for = isinstance(parent, ast.ClassDef) and _is_nothing(node.body)
        if not ast.get_docstring(node) and not setter and not asked_for:
            yield f"{path}:{node.lineno}: {node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(path, node)


def _is_nothing(body: list[ast.stmt]) -> bool:
    match body:
        case [ast.Pass()] | [ast.Expr(value=ast.Constant())]:
            return True
    return False


def swallowed(path: str, text: str) -> Iterator[str]:
    """Find errors that vanish: only a narrow error may, and only beside the reason why."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler) and _is_nothing(node.body):
            broad = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            if broad or "#" not in lines[node.body[0].lineno - 1]:
                yield f"{path}:{node.lineno}: an error is swallowed"


def left_open(path: str, text: str) -> Iterator[str]:
    """Find what somebody meant to do later."""
    for number, line in enumerate(text.splitlines(), 1):
        if OPENED.search(line):
            yield f"{path}:{number}: {line.strip()[:60]}"


def own_tests() -> list[Path]:
    """The tests and benchmarks, without the two of the walls, which have to name what they look for."""
    return [file for file in sources("tests", "bench") if file.name not in ("test_house.py", "test_docs.py")]


@pytest.mark.parametrize(
    ("wall", "files"),
    [
        pytest.param(
            provider_words,
            sources("gateway", "router", "store", ends=PAGES),
            id="a provider's word stays in its folder",
        ),
        pytest.param(sql, sources("gateway", "channels", "router"), id="only the store talks to a database"),
        pytest.param(impurity, pure(), id="what judges, parses and words is pure"),
        pytest.param(sizes, [*sources(*ROOMS, ends=PAGES), *own_tests()], id="files and functions stay small"),
        pytest.param(undocumented, sources(*ROOMS), id="what is public says what it does"),
        pytest.param(swallowed, [*sources(*ROOMS), *own_tests()], id="no error vanishes"),
        pytest.param(left_open, [*sources(*ROOMS, ends=PAGES), *own_tests()], id="nothing is left for later"),
    ],
)
def test_the_wall_holds(wall: Wall, files: list[Path]) -> None:
    assert files
    assert "\n".join(broken(wall, files)) == ""


@pytest.mark.parametrize(
    ("wall", "text", "places"),
    [
        pytest.param(provider_words, 'x = "Twilio says"\n', ["gateway/x.py:1: Twilio"], id="a name"),
        pytest.param(provider_words, "imap_port = 1\n", ["gateway/x.py:1: imap"], id="a part of an identifier"),
        pytest.param(provider_words, "simplify = aqqa = 1\n", [], id="letters inside another word"),
        pytest.param(sql, "from sqlalchemy import select\n", ["gateway/x.py:1: sqlalchemy select"], id="a query"),
        pytest.param(sql, "import sqlite3\n", ["gateway/x.py:1: sqlite3"], id="a driver"),
        pytest.param(sql, "from sqlalchemy import Connection\n", [], id="the type of a connection"),
        pytest.param(sql, 'x = "SELECT 1 FROM t"\n', ["gateway/x.py:1: a statement"], id="a statement as text"),
        pytest.param(impurity, "x = datetime.now(UTC)\n", ["gateway/x.py:1: now("], id="a clock"),
        pytest.param(impurity, "import random\n", ["gateway/x.py:1: random"], id="chance"),
        pytest.param(
            impurity,
            "async def f():\n    await g()\n",
            ["gateway/x.py:1: await", "gateway/x.py:2: await"],
            id="waiting",
        ),
        pytest.param(sizes, "\n" * 401, ["gateway/x.py: 401 lines"], id="a long file"),
        pytest.param(
            sizes, "def f():\n" + "    x = 1\n" * 50, ["gateway/x.py:1: f has 51 lines"], id="a long function"
        ),
        pytest.param(
            undocumented,
            '"""M."""\nclass C:\n    """C."""\n    def f(self): return 1\n    def g(self): ...\n',
            ["gateway/x.py:4: f"],
            id="a method, but none of a protocol",
        ),
        pytest.param(undocumented, '"""M."""\ndef _f(): ...\n', [], id="a private function"),
        pytest.param(
            swallowed, "try:\n    f()\nexcept E:\n    pass\n", ["gateway/x.py:3: an error is swallowed"], id="a pass"
        ),
        pytest.param(
            swallowed,
            "try:\n    f()\nexcept Exception:\n    pass  # why\n",
            ["gateway/x.py:3: an error is swallowed"],
            id="any error at all",
        ),
        pytest.param(swallowed, "try:\n    f()\nexcept E:\n    pass  # why\n", [], id="a narrow error and its reason"),
        pytest.param(swallowed, "try:\n    f()\nexcept E:\n    g()\n", [], id="an error that is answered"),
        pytest.param(left_open, "x = 1  # TODO: more\n", ["gateway/x.py:1: x = 1  # TODO: more"], id="a promise"),
    ],
)
def test_the_wall_sees(wall: Wall, text: str, places: list[str]) -> None:
    assert list(wall("gateway/x.py", text)) == places


def test_every_exception_is_still_needed() -> None:
    needed = {
        (path, found[0].lower())
        for path in {path for path, _ in SPOKEN}
        for found in PROVIDERS.finditer((ROOT / path).read_text("utf-8"))
    }
    assert needed == set(SPOKEN)


def test_every_channel_has_its_five_files() -> None:
    missing = [f"{make}/{file}" for make in registry.makes() for file in FIVE if not _of_channel(make, file).is_file()]
    assert missing == []


def test_every_folder_of_a_channel_stands_in_the_registry() -> None:
    folders = {file.parent.relative_to(ROOT) for file in (ROOT / "channels").rglob("adapter.py")}
    assert {".".join(folder.parts) for folder in folders} == set(registry.CHANNELS.values())


def test_every_group_of_channels_stands_in_the_import_contracts() -> None:
    contracts = (ROOT / "pyproject.toml").read_text("utf-8").partition("[tool.importlinter]")[2]
    tops = {".".join(module.split(".")[:2]) for module in registry.CHANNELS.values()}
    assert [name for name in tops if f'"{name}"' not in contracts] == []


def test_the_doors_between_the_rooms_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def _of_channel(make: str, file: str) -> Path:
    return ROOT.joinpath(*registry.CHANNELS[make].split("."), file)
