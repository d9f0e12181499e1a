"""`yizhan import`: faxes and contacts out of files; once more changes nothing, what is wrong is told by its line."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from gateway.__main__ import main
from gateway.app import House
from gateway.config import load

PEOPLE = """
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101", pager: "7"}}
  rota: {lead: zhang}
"""
HEAD = "传真号码,接收时间,页数,状态,备注\n"
CONTACTS = (
    "客户通讯录\n导出,2026-11-20\n\n单位,姓名,手机,办公电话,邮箱,级别,合同,语言,企业微信\n"
    "华信,张三,138 0013 8000,021-55558888转802,Zhang@HuaXin.cn,A,HX-1,中文,WxZhang\n"
    "华信,李四,13800138001、13800138002,021-55558888,,,,en,\n"
)


@pytest.fixture
def config(tmp_path):
    (tmp_path / "faxes").mkdir()
    file = tmp_path / "config.yaml"
    fax = f"channels:\n  fax:\n    main: {{folder: '{tmp_path}/faxes', ocr: false}}\n"
    file.write_text(f"{fax}router:{PEOPLE}store: {{url: 'sqlite:///{tmp_path}/data/yizhan.db'}}\n", "utf-8")
    return file


@pytest.fixture
def run(config):
    def typed(*words):
        found = CliRunner().invoke(main, [str(word) for word in words], env={"YIZHAN_CONFIG": str(config)})
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found

    return typed


@pytest.fixture
def stored(tmp_path):
    """All rows of a table, or nothing when there is no store yet."""

    def of(table):
        file = tmp_path / "data" / "yizhan.db"
        if not file.exists():
            return []
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return database.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()

    return of


def local(age):
    """A local time of so long ago, as exports write it."""
    return f"{datetime.now(UTC).astimezone(ZoneInfo('Asia/Shanghai')) - age:%Y-%m-%d %H:%M:%S}"


@pytest.fixture
def faxes(tmp_path):
    file = tmp_path / "faxes.csv"
    young, old = local(timedelta(hours=1)), local(timedelta(days=40))
    rows = [f"02155558888,{young},2,成功,机房断电", f"13800138000,{old},1,成功,机房断电", "02155558888,昨天,1,成功,"]
    file.write_bytes((HEAD + "\n".join(rows) + "\n").encode("gb18030"))
    return file


def people(tmp_path, text, name="people.csv"):
    file = tmp_path / name
    file.write_text(text, "utf-8-sig")
    return file


def summary(result):
    return json.loads(result.stdout.splitlines()[-1])


def test_faxes_are_taken_old_ones_as_history_and_a_wrong_row_is_told_with_its_line(run, faxes, stored):
    found = run("import", "faxes", faxes)
    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        f"{faxes}:4: no time that can be read",
        "taken 1, history 1, already there 0, not taken 1",
    ]
    assert f"{faxes}: 3 rows" in found.stderr
    assert len(stored("message")) == 2


def test_the_same_import_once_more_changes_nothing(run, faxes, stored):
    run("import", "faxes", faxes)
    before = stored("message")
    found = run("import", "faxes", faxes, "--json")
    assert summary(found) == {"taken": 0, "history": 0, "known": 2, "not_taken": 1, "dry_run": False}
    assert stored("message") == before


def test_a_dry_run_counts_alike_and_writes_nothing(run, faxes, stored):
    found = run("import", "faxes", faxes, "--dry-run", "--json")
    assert summary(found) == {"taken": 1, "history": 1, "known": 0, "not_taken": 1, "dry_run": True}
    assert stored("message") == []
    run("import", "faxes", faxes)
    again = run("import", "faxes", faxes, "--dry-run", "--json")
    assert summary(again)["known"] == 2


def test_how_old_a_row_may_be_is_a_choice(run, faxes):
    assert summary(run("import", "faxes", faxes, "--open-within", "60d", "--json"))["taken"] == 2
    assert run("import", "faxes", faxes, "--open-within", "soon").exit_code == 2


async def test_what_is_history_opens_nothing_and_what_is_young_opens_a_ticket(run, config, faxes, stored):
    assert (await asyncio.to_thread(run, "import", "faxes", faxes)).exit_code == 0
    async with House(load(str(config))) as house, asyncio.timeout(10):
        while not house.settled():  # noqa: ASYNC110 - it tells it by this question only
            await asyncio.sleep(0.002)
    with closing(sqlite3.connect(config.parent / "data" / "yizhan.db")) as database:
        said = database.execute("SELECT sender, ticket_id IS NOT NULL FROM message WHERE direction = 'in'").fetchall()
    assert dict(said) == {"+862155558888": 1, "+8613800138000": 0}
    assert len(stored("ticket")) == 1


async def test_while_a_gateway_runs_on_sqlite_the_import_says_what_to_do(run, config, faxes):
    async with House(load(str(config)), works=False):
        found = await asyncio.to_thread(run, "import", "faxes", faxes)
        people_ = await asyncio.to_thread(run, "import", "contacts", people(config.parent, CONTACTS))
    assert (found.exit_code, people_.exit_code) == (1, 1)
    assert "stop it for the import" in found.stderr
    assert "stop it for the import" in people_.stderr


def test_without_a_channel_that_takes_them_the_cure_is_told(run, faxes):
    found = run("import", "calls", faxes)
    assert found.exit_code == 1
    assert "no channel is configured that takes calls" in found.stderr


def test_of_several_accounts_one_must_be_chosen(run, config, faxes, tmp_path):
    text = config.read_text("utf-8").replace("  fax:\n", f"  fax:\n    other: {{folder: '{tmp_path}/faxes'}}\n")
    config.write_text(text, "utf-8")
    assert "fax:other, fax:main" in run("import", "faxes", faxes).stderr
    assert "one of: fax:other, fax:main" in run("import", "faxes", faxes, "--account", "third").stderr
    assert run("import", "faxes", faxes, "--account", "main").exit_code == 0
    assert run("import", "faxes", faxes, "--account", "fax:other").exit_code == 0


def test_a_file_that_holds_no_table_fails_and_the_others_are_taken(run, faxes, tmp_path):
    other = tmp_path / "letter.txt"
    other.write_text("Dear Sirs,\n")
    found = run("import", "faxes", other, faxes)
    assert found.exit_code == 1
    assert found.stdout.splitlines()[0].startswith(f"{other}: line 1: no header")
    assert "taken 1" in found.stdout


def test_when_no_row_at_all_could_be_taken_it_failed(run, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text(HEAD + "02155558888,gestern,1,,\n", "utf-8")
    assert run("import", "faxes", file).exit_code == 1


# contacts


def test_contacts_come_with_all_their_addresses_in_one_form(run, tmp_path, stored):
    found = run("import", "contacts", people(tmp_path, CONTACTS), "--json")
    assert found.exit_code == 0
    assert summary(found) == {
        "contacts_new": 2,
        "contacts_changed": 0,
        "contacts_same": 0,
        "customers_new": 1,
        "customers_changed": 0,
        "addresses_new": 7,
        "groups_new": 0,
        "members_new": 0,
        "installations_new": 0,
        "installations_changed": 0,
        "not_taken": 0,
        "dry_run": False,
    }
    (customer,) = stored("customer")
    assert customer[1:] == ("华信", "A", "HX-1")
    names = {row[0]: (row[1], row[3]) for row in stored("contact")}
    assert sorted(names.values()) == [("张三", "zh"), ("李四", "en")]
    assert {(names[contact][0], book, value) for _, contact, book, value in stored("address")} == {
        ("张三", "tel", "+8613800138000"),
        ("张三", "tel", "+862155558888转802"),
        ("张三", "email", "zhang@huaxin.cn"),
        ("张三", "wecom", "wxzhang"),
        ("李四", "tel", "+8613800138001"),
        ("李四", "tel", "+8613800138002"),
        ("李四", "tel", "+862155558888"),
    }


def test_contacts_once_more_change_nothing(run, tmp_path, stored):
    file = people(tmp_path, CONTACTS)
    run("import", "contacts", file)
    before = [stored(table) for table in ("customer", "contact", "address")]
    again = summary(run("import", "contacts", file, "--json"))
    assert (again["contacts_same"], again["contacts_new"], again["contacts_changed"]) == (2, 0, 0)
    assert [stored(table) for table in ("customer", "contact", "address")] == before


def test_a_dry_run_of_contacts_says_the_same_and_writes_nothing(run, tmp_path, stored):
    run("import", "contacts", people(tmp_path, CONTACTS))
    before = [stored(table) for table in ("customer", "contact", "address")]
    more = people(tmp_path, "姓名,手机,邮箱\n张三丰,13800138000,new@huaxin.cn\n王五,13900139000,\n", "more.csv")
    wanted = {"contacts_new": 1, "contacts_changed": 1, "addresses_new": 2}
    shown = summary(run("import", "contacts", more, "--dry-run", "--json"))
    assert wanted.items() <= shown.items()
    assert [stored(table) for table in ("customer", "contact", "address")] == before
    assert wanted.items() <= summary(run("import", "contacts", more, "--json")).items()


def test_a_contact_known_by_any_address_is_changed_and_an_empty_cell_erases_nothing(run, tmp_path, stored):
    run("import", "contacts", people(tmp_path, CONTACTS))
    run("import", "contacts", people(tmp_path, "姓名,邮箱,客户,级别\n,zhang@huaxin.cn,华信,B\n", "b.csv"))
    assert [row[1:] for row in stored("customer")] == [("华信", "B", "HX-1")]
    assert {row[1] for row in stored("contact")} == {"张三", "李四"}


SHARED = "单位,姓名,手机,电话\n华信,张三,13800138000,021-55558888\n华信,李四,13800138001,021-55558888\n"


def test_an_address_of_somebody_else_is_told_and_not_taken_and_so_it_stays(run, tmp_path, stored):
    file = people(tmp_path, SHARED)
    first = run("import", "contacts", file)
    told = f"{file}:3: the tel address ...8888 belongs to the person of {file}:2"
    assert first.stdout.splitlines()[0] == told
    assert first.exit_code == 0
    before = [stored(table) for table in ("contact", "address")]
    assert [len(rows) for rows in before] == [2, 3]
    again = run("import", "contacts", file)
    assert again.stdout.splitlines()[0] == told
    assert [stored(table) for table in ("contact", "address")] == before


def test_a_row_whose_addresses_belong_to_two_people_is_not_taken(run, tmp_path, stored):
    run("import", "contacts", people(tmp_path, CONTACTS))
    before = stored("address")
    found = run("import", "contacts", people(tmp_path, "姓名,手机,邮箱\n赵六,13800138001,zhang@huaxin.cn\n", "c.csv"))
    assert [line.partition(": ")[2] for line in found.stdout.splitlines()[:2]] == [
        "the tel address ...8001 belongs to another contact",
        "the email address ...n.cn belongs to another contact",
    ]
    assert stored("address") == before
    assert len(stored("contact")) == 2


def test_a_customer_of_whom_two_rows_say_different_things_keeps_the_first(run, tmp_path, stored):
    file = people(tmp_path, "单位,姓名,手机,级别\n华信,张三,13800138000,A\n华信,李四,13800138001,B\n")
    for _ in range(2):
        found = run("import", "contacts", file)
        assert found.stdout.splitlines()[0] == f"{file}:3: grade of the customer differ from {file}:2"
        assert stored("customer")[0][2] == "A"


def test_the_same_person_in_two_rows_is_one_contact_with_both_numbers(run, tmp_path, stored):
    file = people(tmp_path, "姓名,手机,邮箱\n张三,13800138000,z@x.cn\n张三,13800138001,z@x.cn\n")
    run("import", "contacts", file)
    assert (len(stored("contact")), len(stored("address"))) == (1, 3)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("王五,,", "no address"),
        ("王五,abc,w@x.cn", "tel: not a telephone number"),
        ("王五,1.38E+10,w@x.cn", "tel: a spreadsheet has rounded the number"),
        ("王五,13900139000,nobody", "email: not a mail address"),
    ],
)
def test_what_is_wrong_in_a_row_is_told_with_its_line(run, tmp_path, row, why):
    file = people(tmp_path, f"姓名,电话,邮箱\n{row}\n")
    assert run("import", "contacts", file).stdout.startswith(f"{file}:2: {why}")


def test_a_column_called_like_a_book_of_the_staff_is_a_book(run, tmp_path, stored):
    run("import", "contacts", people(tmp_path, "姓名,Pager\n王五,77\n"))
    assert [row[2:] for row in stored("address")] == [("pager", "77")]


def test_a_table_of_thousands_is_taken_at_once(run, tmp_path, stored):
    rows = "".join(f"客户{n % 100},人{n},139{n:08}\n" for n in range(3000))
    file = people(tmp_path, "单位,姓名,手机\n" + rows)
    assert summary(run("import", "contacts", file, "--json"))["contacts_new"] == 3000
    assert summary(run("import", "contacts", file, "--json"))["contacts_same"] == 3000


GROUPED = (
    "单位,姓名,手机,用户组,产品,版本,区域\n"
    "华信,张三,13800138000,OLT 用户;VIP、老客户,OLT,V100R021C00SPC200,华东\n"
    "华信,张三,13800138000,OLT 用户,ONU,2.3.1,\n"
    "华信,李四,13800138001,,OLT,最新,华东\n"
    "华信,王五,13800138002,,,2.3,\n"
)


def test_groups_and_installations_come_with_the_contacts_and_the_second_time_changes_nothing(run, tmp_path, stored):
    file = people(tmp_path, GROUPED)
    first = run("import", "contacts", file, "--json")
    before = [stored(table) for table in ("usergroup", "member", "installation")]
    shown = run("import", "contacts", file, "--dry-run", "--json")
    again = run("import", "contacts", file, "--json")
    counts = [
        [summary(found)[name] for name in ("groups_new", "members_new", "installations_new", "installations_changed")]
        for found in (first, shown, again)
    ]
    assert counts == [[3, 3, 3, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert [stored(table) for table in ("usergroup", "member", "installation")] == before
    assert sorted(row[1] for row in before[0]) == ["OLT 用户", "VIP", "老客户"]
    assert sorted(row[2:5] for row in before[2]) == [
        ("OLT", "", "华东"),
        ("OLT", "V100R021C00SPC200", "华东"),
        ("ONU", "2.3.1", ""),
    ]
    assert (f"{file}:4" in first.output, "has no number" in first.output) == (True, True)
    assert (f"{file}:5" in first.output, "without the product" in first.output) == (True, True)


def test_a_newer_version_takes_the_place_of_the_older_one_and_a_contradiction_is_told(run, tmp_path, stored):
    head = "name,mobile,product,version,region\n"
    run("import", "contacts", people(tmp_path, f"{head}张三,13800138000,OLT,2.2,\n"))
    shown = run("import", "contacts", people(tmp_path, f"{head}张三,13800138000,olt,2.3,华东\n"), "--dry-run", "--json")
    found = run("import", "contacts", people(tmp_path, f"{head}张三,13800138000,olt,2.3,华东\n"), "--json")
    assert summary(shown)["installations_changed"] == summary(found)["installations_changed"] == 1
    assert [row[2:5] for row in stored("installation")] == [("OLT", "2.3", "华东")]
    twice = f"{head}张三,13800138000,OLT,2.4,华东\n张三,13800138000,OLT,2.5,华东\n张三,13800138000,OLT,2.4,华南\n"
    told = run("import", "contacts", people(tmp_path, f"{twice}张三,13800138000,OLT,2.4,\n"), "--json")
    assert sorted(row[3:5] for row in stored("installation")) == [("2.4", "华东"), ("2.4", "华南")]
    assert "version of OLT differ from" in told.output
    assert "say in which this is" in told.output
