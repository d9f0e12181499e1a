"""Somebody is sent on site: asked, on the way, there, proved, done; or not, and then the next one is."""

import re
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Can
from store.model import Ticket, Visit

SMS = Can(book="tel")
PUSH = Can(book="pager", pushes=True)
WHOLE = """
gateway:
  signature: {zh: 服务台, en: Support}
  operator_token: {file: TOKEN}
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
    li: {name: 李雷, skills: [核心交换机], areas: [滨江], addresses: {tel: "+8613800000102"}}
    zhao: {name: 赵六, skills: [OLT], addresses: {tel: "+8613800000104", pager: "104"}}
    wang: {name: 王经理, engineer: false, addresses: {tel: "+8613800000103"}}
  rota: {lead: zhang, second: li, manager: wang}
  sites: [滨江机房, 东站医院]
"""
ZHANG, LI, ZHAO, WANG = (f"+86138000001{end}" for end in ("01", "02", "04", "03"))
CUSTOMER = "+8613900000001"
FAULT = "滨江机房核心交换机断电，业务中断"


@pytest.fixture
async def here(town, tmp_path: Path) -> Any:
    """A fault of level 1 that Zhang has taken."""
    (tmp_path / "token").write_text("a token of some length")
    built = await town({"sms:main": SMS, "pager:main": PUSH}, whole=WHOLE.replace("TOKEN", str(tmp_path / "token")))
    await built.say("sms:main", CUSTOMER, FAULT)
    await built.say("sms:main", ZHANG, "1")
    return built


def texts(town: Any, to: str) -> list[str]:
    return list(town.channels["sms:main"].texts(to))


def visit(town: Any, index: int = -1) -> dict[str, Any]:
    return dict(town.rows(Visit)[index])


def ticket(town: Any) -> dict[str, Any]:
    return dict(town.rows(Ticket)[0])


async def test_a_visit_from_the_order_to_the_proof(here) -> None:
    await here.say("sms:main", ZHANG, "派 1001")
    assert (
        texts(here, ZHANG)[-1]
        == "【服务台】1001可派：李雷(近滨江,懂核心交换机,空闲) 张三(空闲) 赵六(空闲)。回 派 姓名 1001"
    )
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    assert texts(here, ZHANG)[-1] == "【服务台】1001已问李雷能否上门，03:10前没答应会告诉您。"
    assert texts(here, LI)[-1].startswith("【服务台】上门 P1 1001 滨江机房：")
    assert (visit(here)["state"], visit(here)["engineer"], visit(here)["by"]) == ("sent", "li", "zhang")
    await here.forward(minutes=2)
    await here.say("sms:main", LI, "1")
    assert (visit(here)["state"], ticket(here)["owner"]) == ("accepted", "zhang")
    assert texts(here, ZHANG)[-1] == "【服务台】1001：李雷答应上门。"
    assert "由您上门" in texts(here, LI)[-1]
    code = re.search(r"李雷上门。.*确认码(\d{4})告诉他", texts(here, CUSTOMER)[-1])
    assert code
    await here.forward(minutes=1)
    await here.say("sms:main", LI, "出发 1001 40")
    assert texts(here, CUSTOMER)[-1] == "【服务台】单号1001：李雷已出发，约40分钟到。"
    await here.forward(minutes=40)
    await here.say("sms:main", LI, "到场")
    now = here.clock.now()
    assert (visit(here)["state"], visit(here)["arrived_by"], visit(here)["arrived_at"]) == ("arrived", "reply", now)
    assert (ticket(here)["state"], ticket(here)["owner"], ticket(here)["arrived_at"]) == ("on_site", "zhang", now)
    await here.say("sms:main", LI, f"确认码 1001 {code[1]}")
    assert (visit(here)["proof"], visit(here)["proved_at"]) == ("code", now)
    await here.forward(minutes=5)
    await here.say("sms:main", LI, "解决 1001 更换电源模块")
    assert (visit(here)["state"], visit(here)["report"]) == ("done", "更换电源模块")
    assert (ticket(here)["state"], ticket(here)["resolved_at"]) == ("resolved", here.clock.now())
    assert "更换电源模块" in texts(here, CUSTOMER)[-1]


async def test_who_declines_is_not_proposed_again_and_the_next_is_sent(here) -> None:
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    await here.say("sms:main", LI, "2")
    assert texts(here, ZHANG)[-1] == "【服务台】1001：李雷去不了。还可派：张三(空闲) 赵六(空闲)。回 派 姓名 1001"
    assert texts(here, LI)[-1] == "【服务台】1001：已记下您去不了，会另派人。"
    await here.say("sms:main", ZHANG, "派 赵六 1001")
    assert [(row["engineer"], row["state"]) for row in here.rows(Visit)] == [("li", "declined"), ("zhao", "sent")]
    await here.forward(minutes=10)
    assert [row["state"] for row in here.rows(Visit)] == ["declined", "declined"]
    assert texts(here, ZHANG)[-1] == "【服务台】1001：赵六没有答复。还可派：张三(空闲)。回 派 姓名 1001"
    assert ticket(here)["owner"] == "zhang"
