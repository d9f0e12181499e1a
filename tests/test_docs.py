"""The documents are true: commands and keys exist, examples run, links lead somewhere, both languages say the same."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_origin

import click
import pytest
import yaml
from click.testing import CliRunner, Result
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from channels import registry
from gateway.__main__ import main
from gateway.broadcast.yaml_form import read as read_broadcast
from gateway.config import GatewaySettings, StoreSettings, parse
from gateway.opinion_settings import RouterBlock
from router.commands import Command, read
from router.policy_settings import default_policies
from router.promise_settings import default_contract
from router.rules import Rule, compile_rules, load

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "channels").rglob("README.md")])
NAMED = [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PLACES = {
    "people": "<person>",
    "addresses": "<book>",
    "contract": "<level>",
    "contracts": "<name>.<level>",
    "policies": "<policy>",
    "rules": "<urgency>",
    "limits": "<destination>",
    "quotas": "<destination>[]",
    "templates": "<template>",
    "templates_en": "<template>",
    "keys": "<digit>",
}
"""What the keys of a map are called in the page."""


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language, without the indentation of a list around them."""
    found = FENCE.findall(page.read_text("utf-8"))
    return [re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) for indent, kind, body in found if kind == language]


def table(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    text = page.read_text("utf-8").partition(f"\n{heading}\n")[2]
    rows = [line for line in text.split("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]


# commands


def typed(page: Path) -> Iterator[list[str]]:
    """Every command line that a page shows, in words."""
    text = page.read_text("utf-8")
    shown = [line for body in blocks(page, "sh") for line in body.splitlines()]
    for line in [*shown, *INLINE.findall(FENCE.sub("", text))]:
        for part in re.split(r"\s+\|\s+|\s+&&\s+", line.split("#")[0].strip()):
            words = part.removeprefix(".venv/bin/").split()
            if words and words[0] in ("yizhan", "make"):
                yield words


def unknown(words: list[str]) -> str:
    """What in a command line does not exist; "" when all of it does."""
    if words[0] == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        return "" if set(words[1:2]) <= set(targets) else " ".join(words)
    here: click.Command = main
    context = click.Context(main)
    for word in words[1:]:
        options = {name for one in here.get_params(context) for name in (*one.opts, *one.secondary_opts)}
        if word.startswith("-") and word != "-":
            if word not in options | {"-h", "--help"}:
                return f"{' '.join(words)}: {word}"
        elif isinstance(here, click.Group):
            found = here.get_command(context, word)
            if found is None:
                return f"{' '.join(words)}: {word}"
            here, context = found, click.Context(found, parent=context)
    return ""


@pytest.mark.parametrize("page", NAMED)
def test_every_command_in_a_page_exists(page: Path) -> None:
    assert [wrong for words in typed(page) if (wrong := unknown(words))] == []


def every_command() -> Iterator[tuple[str, click.Command]]:
    """All commands with their full names."""
    yield from within_group("yizhan", main)


def within_group(path: str, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    """The commands of a group, and those of the groups in it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from within_group(f"{path} {name}", command)


def described() -> dict[str, set[str]]:
    """The commands of the page with the options that it lists for each."""
    text = (DOCS / "commands.md").read_text("utf-8")
    parts = re.split(r"^#{2,4} (?=yizhan )", text, flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0]: set(re.findall(r"^\| `(--[a-z-]+)", part, re.MULTILINE)) for part in parts}


def test_the_page_of_commands_lists_every_command_and_option_and_no_other() -> None:
    assert described() == {
        name: {option for one in command.params if isinstance(one, click.Option) for option in one.opts}
        for name, command in every_command()
    }


def test_help_imports_nothing_heavy() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "gateway", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "click" in imported
    assert (
        imported & {"sqlalchemy", "sqlmodel", "aiohttp", "fastapi", "pydantic", "yaml", "channels", "router"} == set()
    )


# configuration


def keys(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    """Every key of a block with its dotted place, as the page writes it."""
    for name, field in model.model_fields.items():
        place = f"{prefix}.{field.alias or name}"
        yield place, field
        inner, many = within(field.annotation)
        if inner is not None:
            yield from keys(inner, place + {"": "", "list": "[]", "map": f".{PLACES.get(name)}"}[many])


def within(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """The block inside a type, and whether it is one, a list or a map of them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ""
    arguments = get_args(annotation)
    if get_origin(annotation) is dict:
        return within(arguments[1])[0], "map"
    if get_origin(annotation) in (list, tuple):
        return within(arguments[0])[0], "list"
    return next((found for one in arguments if (found := within(one))[0]), (None, ""))


def default(field: FieldInfo) -> str | None:
    """A plain default as the page writes it; None for one that the page has to describe."""
    value = field.default
    if field.is_required():
        return "required"
    match value:
        case None | ():
            return "none"
        case bool():
            return str(value).lower()
        case timedelta():
            seconds = int(value.total_seconds())
            return next(
                f"{seconds // n}{u}" for u, n in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)) if not seconds % n
            )
        case int() | float():
            return f"{value:.10g}"
        case str():
            return value or '""'
        case list() | frozenset() if not value:
            return "none"
    return None if value is not PydanticUndefined or field.default_factory else "none"


MAKES = {make: make.replace("/", ".<") + ">" if "/" in make else f"{make}.<account>" for make in registry.makes()}
"""Every line of the registry and what the pages call an account of it: sms/twilio is sms.<twilio>."""
MODELS: Mapping[str, type[BaseModel]] = {
    "gateway": GatewaySettings,
    **{f"channels.{place}": registry.settings(*make.split("/")) for make, place in MAKES.items()},
    "router": RouterBlock,
    "router.rules[]": Rule,
    "store": StoreSettings,
}


def test_the_page_of_configuration_lists_every_key_and_no_other_with_its_default() -> None:
    pages = [DOCS / "configuration.md", *sorted((DOCS / "channels").glob("*.md"))]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    listed = re.findall(r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \|", text, re.MULTILINE)
    known = [(key, default(field)) for prefix, model in MODELS.items() for key, field in keys(model, prefix)]
    assert sorted(key for key, _ in listed) == sorted(key for key, _ in known)
    plain = {key: value for key, value in known if value is not None}
    assert {key: value for key, value in listed if key in plain} == plain


@pytest.mark.parametrize("page", NAMED)
def test_every_piece_of_configuration_in_a_page_loads(page: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a-secret-of-some-length")
    (tmp_path / "targets").write_text("test://a-secret-of-some-length")
    (tmp_path / "heartbeat").write_text("https://example.com/a-secret-of-some-length")
    base = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    for body in blocks(page, "yaml"):
        if body.startswith("title:"):
            assert broadcast_faults(body) == []
            continue
        piece = kept_secrets(yaml.safe_load(body), tmp_path / "secret")
        config = parse(yaml.safe_dump(merged(base, piece), allow_unicode=True))
        assert config.router.people
        compile_rules(load({"words": {"all": ["x"], "broken": ["x"]}, "rules": config.router.rules}))


def broadcast_faults(body: str) -> list[str]:
    """What is wrong with a file of a broadcast."""
    _, page = read_broadcast(body, "")
    return [str(fault) for fault in page.faults]


def merged(base: Any, piece: Any) -> Any:
    """A configuration with a piece of another laid over it."""
    if isinstance(base, dict) and isinstance(piece, dict):
        return base | {key: merged(base.get(key), value) for key, value in piece.items()}
    return piece


def kept_secrets(value: Any, file: Path) -> Any:
    """The same block with every secret in a file that is there."""
    match value:
        case {"env": str()} | {"file": str()} if len(value) == 1:
            return "sqlite:///x.db" if value == {"env": "DATABASE_URL"} else {"file": str(file)}
        case dict():
            # The targets of a push are addresses, and so is that of the heartbeat.
            return {
                key: kept_secrets(one, file.with_name(key) if key in ("targets", "heartbeat") else file)
                for key, one in value.items()
            }
        case list():
            return [kept_secrets(one, file) for one in value]
    return value


# the other pages that list what the code has


def test_the_page_of_paging_shows_the_ladders_that_come_with_the_program() -> None:
    shown = {
        row[0].strip("`"): row[1:] for row in table(DOCS / "paging.md", "## The ladders that come with the program")
    }
    assert shown == {
        name: [
            "; ".join(f"{minutes(step.after)}m {' '.join(step.who)}" for step in policy.steps),
            "; ".join(f"{minutes(rule.after)}m {rule.by}" for rule in policy.how),
            f"{minutes(policy.repeat)}m".replace("240m", "4h").replace("60m", "1h") if policy.repeat else "never",
        ]
        for name, policy in default_policies().items()
    }


def minutes(length: timedelta) -> str:
    """A length of time in minutes."""
    return f"{length.total_seconds() / 60:g}"


def test_the_page_of_paging_shows_what_was_promised() -> None:
    shown = {row[0]: row[1:] for row in table(DOCS / "paging.md", "## The clocks")}
    for level, promise in default_contract().items():
        hours = [f"{length.total_seconds() / 3600:g}h" for length in (promise.arrive, promise.resolve)]
        assert shown[f"level {level}"] == [f"{minutes(promise.respond)}m", hours[0], f"{hours[1]} after arrival"]


@pytest.mark.parametrize("page", [DOCS / "replies.md", DOCS / "zh-CN/replies.md"], ids=["en", "zh"])
def test_every_example_on_the_reply_card_is_understood_as_it_says(page: Path) -> None:
    heading = "## All commands" if page.parent == DOCS else "## 全部命令"
    found = {
        text: (command.intent.value if isinstance(command := read(text), Command) else None)
        for row in table(page, heading)
        for text in INLINE.findall(row[1] + row[2])
    }
    wanted = {text: row[0] for row in table(page, heading) for text in INLINE.findall(row[1] + row[2])}
    assert len(found) > 30
    assert found == wanted


def test_both_reply_cards_show_the_same_examples() -> None:
    cards = (DOCS / "replies.md", "## All commands"), (DOCS / "zh-CN/replies.md", "## 全部命令")
    english, chinese = ([INLINE.findall(" ".join(row[:3])) for row in table(*card)] for card in cards)
    assert english == chinese


def test_the_page_of_operating_lists_every_metric() -> None:
    code = "".join((ROOT / "gateway" / file).read_text("utf-8") for file in ("metrics.py", "gauges.py"))
    listed = {row[0].strip("`") for row in table(DOCS / "operating.md", "## Watch it") if "yizhan_" in row[0]}
    assert listed == set(re.findall(r'"(yizhan_\w+)"', code))


def test_the_page_of_channels_shows_what_each_adapter_declares() -> None:
    printed = CliRunner().invoke(main, ["channels", "--markdown"]).stdout.strip().splitlines()
    text = (DOCS / "channels/README.md").read_text("utf-8")
    assert [line for line in text.splitlines() if line in printed] == printed
    pages = " ".join(LINK.findall(text))
    assert [
        file.name for file in (DOCS / "channels").glob("*.md") if file.name not in (*pages.split(), "README.md")
    ] == []


# examples


@pytest.fixture
def typing(tmp_path: Path) -> Any:
    """What becomes of a command typed in the root of the project."""

    def run(*words: str | Path, stdin: str = "") -> Result:
        given = {"YIZHAN_CONFIG": str(ROOT / "config.yaml")}
        return CliRunner().invoke(main, [str(word) for word in words], input=stdin, env=given, catch_exceptions=False)

    return run


def test_the_configuration_that_comes_with_the_program_has_no_fault(typing: Any) -> None:
    assert typing("check").exit_code == 0


def test_the_example_of_classify_runs(typing: Any) -> None:
    (body,) = [one for one in blocks(DOCS / "judging.md", "sh") if one.startswith("echo")]
    given = re.search(r"echo '(.+)' \|", body)
    assert given
    result = typing("classify", "-", stdin=given[1])
    row = json.loads(result.stdout)
    assert (result.exit_code, row["kind"], row["level"]) == (0, "fault", 1)


def test_the_example_of_parse_mail_runs(typing: Any) -> None:
    mails = sorted((ROOT / "tests/fixtures/email").glob("*.eml"))
    result = typing("parse-mail", *mails)
    assert result.exit_code == 0
    assert [json.loads(line)["file"] for line in result.stdout.splitlines()] == [str(mail) for mail in mails]


def test_the_example_of_a_scenario_plays(typing: Any) -> None:
    (body,) = blocks(DOCS / "operating.md", "json")
    events = [(row["event"], row["to"]) for row in played(typing("replay", "-", stdin=body))]
    assert events[0] == ("opened", None)
    assert ("page", "+8613800000101") in events
    assert [event for event, _ in events].index("taken") > 2


def test_the_first_scenario_of_the_documents_plays(typing: Any) -> None:
    scenarios = sorted((DOCS / "scenarios").glob("*.jsonl"))
    if not scenarios:
        pytest.skip("there is no scenario in docs/scenarios")
    assert played(typing("replay", scenarios[0]))


def played(result: Result) -> list[dict[str, Any]]:
    """The lines that a replay printed."""
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("page", NAMED)
def test_every_piece_of_json_parses(page: Path) -> None:
    for body in blocks(page, "json"):
        assert [json.loads(line) for line in body.splitlines() if line.strip()]


# the pages themselves


@pytest.mark.parametrize("page", NAMED)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text("utf-8"))
    links = [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]
    assert [link for link in links if not leads(page, link)] == []


def leads(page: Path, link: str) -> bool:
    """Whether a link inside the project has a file, and its mark a heading."""
    name, _, mark = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists() or not mark:
        return target.exists()
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", target.read_text("utf-8")), re.MULTILINE)
    return mark in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_reached_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md", ROOT / "README.zh-CN.md"]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        links = [link.partition("#")[0] for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
        found = [(page.parent / link).resolve() for link in links if link.endswith(".md")]
        waiting += [one for one in found if one not in seen]
    assert sorted(set(DOCS.rglob("*.md")) - seen) == []


def test_both_readmes_have_the_same_shape_and_the_same_commands() -> None:
    english, chinese = ROOT / "README.md", ROOT / "README.zh-CN.md"
    assert shape(english) == shape(chinese)
    assert list(typed(english)) == list(typed(chinese))


def shape(page: Path) -> tuple[list[int], list[str], int]:
    """The levels of the headings, the addresses of the links in their order, and how many rows the tables have."""
    text = FENCE.sub("", page.read_text("utf-8"))
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
    return levels, sorted(LINK.findall(text)), text.count("\n| ")


def test_the_changes_have_an_entry_for_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"\n## {version}\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("page", NAMED)
def test_a_page_speaks_of_the_product_only(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.findall(r"(?<![\w.>])/(?:work|root|home|Users|tmp)/\S*", text) == []
    assert re.findall(r"(?i)\b(?:this session|subagent|assistant|as an ai|prompt)\b|\b(?:TODO|FIXME|TBD)\b", text) == []
