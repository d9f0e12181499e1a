"""The commands as somebody at a terminal meets them: what stands on stdout, what on stderr, and how they end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.__main__ import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
MAIL = ROOT / "tests/fixtures/email/mixed_gbk_with_files.eml"
PEOPLE = """
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota: {lead: zhang, second: li}
"""
OUTAGE = "滨江机房全部断电，业务中断，所有系统都用不了"

Run = Callable[..., Result]


def lines(result: Result) -> list[str]:
    """What stands on stdout."""
    return result.stdout.splitlines()


def rows(result: Result) -> list[dict[str, Any]]:
    """What stands on stdout, as JSON lines."""
    return [json.loads(line) for line in lines(result)]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(f"router:{PEOPLE}store: {{url: 'sqlite:///{tmp_path}/data/yizhan.db'}}\n", "utf-8")
    return file


@pytest.fixture
def run(config: Path) -> Run:
    def typed(*words: str | Path, stdin: str | bytes | None = None) -> Result:
        found = CliRunner().invoke(
            main, [str(word) for word in words], input=stdin, env={"YIZHAN_CONFIG": str(config)}, prog_name="yizhan"
        )
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found

    return typed


# check


def test_check_prints_every_value_that_is_in_force_and_talks_on_stderr(run: Run, config: Path) -> None:
    result = run("check")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        f"{config}: warning: channels is empty: nobody can be paged",
        f"{config}: no fault found",
    ]
    assert "router.rota.lead = zhang" in lines(result)
    assert "router.contract.1.respond = 0:10:00" in lines(result)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(
            f"router:{PEOPLE}  time_zon: Asia/Shanghai\n",
            "{file}:6: router.time_zon: unknown key; did you mean time_zone?",
            id="a typing error in a key",
        ),
        pytest.param(
            f"gatway: {{}}\nrouter:{PEOPLE}", "{file}:1: gatway: unknown block; did you mean gateway?", id="in a block"
        ),
        pytest.param(
            f"router:{PEOPLE}  fold: {{window: 2}}\n",
            "{file}:6: router.fold.window: cannot be used so; write a length of time such as 90s, 10m, 4h or 1d",
            id="a number without a unit",
        ),
        pytest.param(
            "router:\n  people:\n    li: {name: 李雷, addresses: {tel: '1'}}\n  rota: {lead: zhang}\n",
            "{file}:1: router: rota names 'zhang', who is not among people: li; correct it",
            id="a lead that nobody is",
        ),
        pytest.param(
            f"router:{PEOPLE}channels: {{pigeon: {{}}}}\n",
            "{file}:6: channels.pigeon: unknown channel; known here: email, sms",
            id="a channel that does not exist",
        ),
        pytest.param("router: [\n", "{file}:2: : is not YAML: expected the node content, but found", id="no YAML"),
    ],
)
def test_check_names_file_line_key_and_cure(run: Run, config: Path, text: str, fault: str) -> None:
    config.write_text(text, "utf-8")
    result = run("check")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(fault.format(file=config))


SMS = """
channels:
  sms:
    main:
      account_sid: AC00000000000000000000000000000000
      auth_token: {token}
      number: "+15005550006"
      api_url: http://127.0.0.1:9
"""


def test_check_never_prints_a_secret_but_says_where_it_comes_from(run: Run, config: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("dont-print-me\n")
    config.write_text(config.read_text("utf-8") + SMS.replace("{token}", f"{{file: {tmp_path}/token}}"), "utf-8")
    result = run("check")
    assert f"channels.sms.main.auth_token = ****** (file {tmp_path}/token)" in lines(result)
    assert "dont-print-me" not in result.output + run("check", "--json").output


def test_check_refuses_a_secret_in_the_file_without_repeating_it(run: Run, config: Path) -> None:
    config.write_text(config.read_text("utf-8") + SMS.replace("{token}", "dont-print-me"), "utf-8")
    for result in (run("check"), run("check", "--json")):
        assert result.exit_code == 1
        assert "write {env: NAME} or {file: PATH}" in result.output
        assert "dont-print-me" not in result.output


def test_check_gives_faults_as_json_lines(run: Run, config: Path) -> None:
    config.write_text(f"router:{PEOPLE}  wrong: 1\nstore: {{uri: x}}\n", "utf-8")
    result = run("check", "--json")
    assert result.exit_code == 1
    assert [(row["line"], row["key"], row["what"]) for row in rows(result)] == [
        (6, "router.wrong", "unknown key"),
        (7, "store.uri", "unknown key"),
    ]


def test_check_of_a_file_that_is_not_there_says_so(run: Run, tmp_path: Path) -> None:
    result = run("check", "--config", tmp_path / "none.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be read (No such file or directory); give another --config" in result.stderr


# doctor


def test_the_doctor_marks_each_finding_and_says_what_to_do(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    marks = {line[12:].split(" (")[0].split("  ->")[0]: line[:12].strip() for line in lines(result)}
    assert marks["config: 0 channel accounts"] == "FAIL"
    assert marks["store: the store answers"] == "FAIL"
    assert marks["duty: everybody on the roster can be reached"] == "not checked"
    assert [line for line in lines(result) if line.startswith("FAIL") and "  -> " not in line] == []


def test_the_doctor_asks_the_provider_and_tells_what_it_found(run: Run, config: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("dont-print-me")
    config.write_text(config.read_text("utf-8") + SMS.replace("{token}", f"{{file: {tmp_path}/token}}"), "utf-8")
    result = run("doctor", "--json")
    found = {(row["group"], row["what"]): row for row in rows(result)}
    assert result.exit_code == 1
    assert found["config", "1 channel accounts"]["ok"] is True
    assert found["duty", "everybody on the roster can be reached"]["ok"] is True
    assert [row["ok"] for (group, _), row in found.items() if group == "sms:main"] != [True]
    assert {tuple(row) for row in rows(result)} == {("group", "what", "ok", "note", "cure", "grave")}
    assert "dont-print-me" not in result.output


def test_the_doctor_says_that_no_text_leaves_for_a_second_opinion_or_that_it_does_and_fails(
    run: Run, config: Path, tmp_path: Path
) -> None:
    def said() -> list[tuple[str, bool | None]]:
        found = rows(run("doctor", "--json"))
        return [(row["what"], row["ok"]) for row in found if row["group"] == "second opinion"]

    assert said() == [("is off, no text of a message leaves for one", True)]
    (tmp_path / "key").write_text("dont-print-me")
    block = f"  second_opinion: {{url: 'http://127.0.0.1:9/v1', model: m, key: {{file: {tmp_path}/key}}}}\nstore:"
    config.write_text(config.read_text("utf-8").replace("store:", block), "utf-8")
    assert said() == [
        ("is on: texts of messages leave for 127.0.0.1", True),
        ("answers a question about a sentence of our own", False),
        ("its last day brought answers", None),
    ]
    assert "dont-print-me" not in run("doctor").output + run("check").output


# classify, parse-mail, replay


def test_classify_judges_lines_from_stdin(run: Run) -> None:
    given = [{"id": "a", "channel": "sms", "text": OUTAGE}, {"id": "b", "channel": "sms", "text": "谢谢你们，辛苦了"}]
    result = run("classify", "-", stdin="\n".join(json.dumps(row) for row in given))
    assert [(row["id"], row["kind"], row["level"]) for row in rows(result)] == [
        ("a", "fault", 1),
        ("b", "praise_or_chat", None),
    ]
    assert {tuple(row) for row in rows(result)} == {("id", "kind", "level", "confidence", "reasons")}


def test_classify_evaluates_labelled_lines(run: Run) -> None:
    given = {"id": "a", "channel": "sms", "text": OUTAGE, "kind": "fault", "severity": 1}
    (figures,) = rows(run("classify", "--evaluate", stdin=json.dumps(given)))
    assert [figures[name] for name in ("kind_accuracy", "macro_f1", "level1_recall", "level1_precision")] == [1.0] * 4


def test_classify_names_the_line_that_is_no_message(run: Run) -> None:
    result = run("classify", stdin='{"id": "a", "text": "x"}\n{"id": "b"}\n')
    assert result.exit_code == 1
    assert ":2: not a message" in result.stderr
    assert [row["id"] for row in rows(result)] == []


def test_parse_mail_prints_one_object_a_file_and_goes_on_after_a_bad_one(run: Run, tmp_path: Path) -> None:
    result = run("parse-mail", tmp_path / "none.eml", MAIL)
    assert result.exit_code == 1
    assert [row["file"] for row in rows(result)] == [str(MAIL)]
    assert f"{tmp_path}/none.eml: FileNotFoundError" in result.stderr


def test_parse_mail_reads_stdin(run: Run) -> None:
    result = run("parse-mail", "-", stdin=b"From: a@x.cn\nSubject: hi\nMessage-ID: <1@x.cn>\n\ntext\n")
    assert result.exit_code == 0
    (row,) = rows(result)
    assert (row["from"], row["subject"], row["message_id"], row["reply"]) == ("a@x.cn", "hi", "<1@x.cn>", "text")


STORY = f"""
{{"at": "2026-11-24T03:00:00+08:00", "id": "m1", "channel": "sms", "from": "+8613900000001", "text": "{OUTAGE}"}}
{{"at": "2026-11-24T03:00:30+08:00", "id": "m2", "channel": "sms", "from": "+8613800000101", "text": "1"}}
{{"at": "2026-11-24T03:01:00+08:00", "end": true}}
"""


def test_replay_prints_what_happened_in_order_of_time(run: Run) -> None:
    result = run("replay", "-", stdin=STORY)
    assert result.exit_code == 0
    assert [(row["event"], row["ticket"]) for row in rows(result)] == [
        ("opened", 1001),
        ("page", 1001),
        ("reply", 1001),
        ("taken", 1001),
        ("reply", 1001),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "the scenario has no lines", id="an empty scenario"),
        pytest.param("{", "line 1: is not JSON", id="no JSON"),
        pytest.param('{"at": "2026-11-24", "channel": "pigeon", "from": "x"}', "'pigeon' is none of", id="a channel"),
        pytest.param('{"channel": "sms"}', "line 1: needs a text as 'at'", id="a line without a time"),
    ],
)
def test_replay_names_the_line_that_cannot_be_played(run: Run, text: str, reason: str) -> None:
    result = run("replay", "-", stdin=text)
    assert (result.exit_code, result.stdout) == (1, "")
    assert reason in result.stderr


# all of them


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["nothing"], id="an unknown command"),
        pytest.param(["tickets", "show"], id="a missing number"),
        pytest.param(["tickets", "show", "abc"], id="a number that is none"),
        pytest.param(["lead", "set", "li", "--role", "king"], id="an unknown role"),
        pytest.param(["lead", "set", "li", "--until", "tomorrow"], id="a time that is none"),
        pytest.param(["replay"], id="no scenario"),
        pytest.param(["replay", "none.jsonl"], id="a scenario that is not there"),
        pytest.param(["classify", "none.jsonl"], id="messages that are not there"),
        pytest.param(["run", "--only", "pager"], id="a part that does not exist"),
        pytest.param(["check", "--colour"], id="an unknown option"),
    ],
)
def test_wrong_usage_ends_with_2_and_words_on_stderr(run: Run, words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_tells_what_it_is_for(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: yizhan {name} ")


def test_run_refuses_to_split_what_one_process_may_write(run: Run) -> None:
    result = run("run", "--only", "web")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "--only needs PostgreSQL: one process may write an SQLite file\n"


def test_run_starts_nothing_with_a_faulty_configuration(run: Run, config: Path) -> None:
    config.write_text(f"router:{PEOPLE}  wrong: 1\n", "utf-8")
    result = run("run")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("1 fault(s); nothing was started\n")
