"""Two tickets become one, one outage has many reports, and a person with two matters is asked which one was meant."""

import pytest

OUTAGE = "滨江机房全部断电，业务中断"
PRINTER = "东站医院3号楼打印机坏了"
NETWORK = "东站收费站网络断断续续"
SITES = tuple(f"{name}收费站" for name in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉")


async def test_a_merge_ends_what_runs_and_writes_to_no_customer(play):
    story = await play(
        f"""10:00 sms chen: {PRINTER}
        10:01 sms sun: 东站医院5号楼打印机卡纸
        10:06 sms zhang: 合并 1002 1001
        10:20 sms sun as later: 1002还没好
        10:21 sms sun as chase: 有进展吗
        12:00 end"""
    )
    assert [one for one in story.told if one[0] == "10:06"] == [
        ("10:06", "merged", "1002"),
        ("10:06", "merged", "1001"),
        ("10:06", "reply", "zhang", "sms"),
    ]
    assert story.texts("zhang")[0] == (
        "【服务台】1002已并入1001。两单客户不同，1002的客户不再自动得到进展；并错了回 分开1002"
    )
    assert {one: number for one, number in story.tickets().items() if one in ("later", "chase")} == {
        "later": 1001,
        "chase": 1001,
    }
    assert {row["ticket"] for row in story.rows if row["at"] > "2026-11-24T10:06:00" and row["event"] == "page"} == {
        1001
    }
    assert {row["ticket"] for row in story.rows if row["event"] in ("breach", "warning")} == {1001}


async def test_the_worse_level_and_the_earlier_limit_of_two_hold(play):
    story = await play(
        f"""10:00 sms chen: {OUTAGE}
        10:05 sms sun: {PRINTER}
        10:06 sms zhang: 合并 1001 1002
        10:11 end"""
    )
    pages = [text for text in story.texts("zhang", "page") if text.startswith("【服务台】P1 1002")]
    assert pages == ["【服务台】P1 1002 东站医院：3号楼打印机坏了。限10:10前接单。回1接单 2上报 3稍后"]
    assert [(row["at"][11:16], row["ticket"]) for row in story.rows if row["event"] == "breach"] == [("10:10", 1002)]


async def test_whoever_has_the_ticket_that_goes_has_the_one_that_stays(play):
    story = await play(
        f"""10:00 sms chen: {PRINTER}
        10:00:30 sms li: 接单 1001
        10:01 sms sun: {NETWORK}
        10:02 sms zhang: 合并 1001 1002
        10:03 sms li: 到场 1002
        10:04 end"""
    )
    assert story.of("arrived") == [("10:03", "arrived", "1002")]
    assert "【服务台】1001已由张三并入1002，您手里的1001到此为止。" in story.texts("li")


async def test_a_merge_is_undone_and_the_ticket_is_asked_about_again(play):
    story = await play(
        f"""10:00 sms chen: {PRINTER}
        10:01 sms sun: {NETWORK}
        10:02 sms zhang: 合并 1002 1001
        10:04 sms zhang: 分开 1002
        10:05 sms sun as back: 1002还没好
        10:05 end"""
    )
    assert story.tickets()["back"] == 1002
    assert story.of("apart") == [("10:04", "apart", "1002"), ("10:04", "apart", "1001")]
    assert [row["ticket"] for row in story.rows if row["event"] == "page"][-1] == 1002


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        pytest.param("合并 1001 1001", "【服务台】1001不能并入1001：是同一张单。", id="itself"),
        pytest.param("合并 1001 1003", "【服务台】1001不能并入1003：投诉要单独处理。", id="a complaint"),
        pytest.param("合并 1001", "【服务台】请写两个单号，例如 合并 1043 1042（把1043并入1042）", id="one number"),
        pytest.param("合并 1001 1999", "【服务台】没有单号1999的工单。回0看清单", id="no such ticket"),
        pytest.param("分开 1001", "【服务台】1001没有并入也没有归属别的单。", id="nothing to take apart"),
        pytest.param("归属 1001 1001", "【服务台】1001不能归属1001：是同一张单。", id="its own child"),
        pytest.param("解决分单 1001", "【服务台】1001没有未结的分单。", id="no children"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_reason(play, order, answer):
    story = await play(
        f"""10:00 sms chen: {PRINTER}
        10:01 sms sun: {NETWORK}
        10:02 sms wu: 你们态度太差了，我要投诉
        10:03 sms wang: {order}"""
    )
    assert story.texts("wang")[-1] == answer


async def test_twenty_reports_are_the_children_of_one_outage_and_are_resolved_by_one_order(play):
    reports = [f"10:{at:02} sms +86139000001{at:02}: {site}所有车道都刷不了卡" for at, site in enumerate(SITES)]
    adopted = [f"10:2{at // 10}:{at % 10 + 10} sms zhang: 归属 {1002 + at} 1001" for at in range(20)]
    story = await play(
        "\n".join(
            [
                f"09:59 sms chen: {OUTAGE}",
                *reports,
                *adopted,
                "10:22:30 sms zhang: 接单 1001",
                "10:40 sms zhang: 解决 1001 更换电源模块",
                "10:50 sms zhang: 解决分单 1001",
                "10:51 end",
            ]
        )
    )
    children = set(range(1002, 1022))
    assert {row["ticket"] for row in story.rows if row["event"] == "child"} == {1001, *children}
    with_parent = [row for row in story.rows if row["at"][11:19] == "10:22:30" and row["event"] == "taken"]
    assert {row["ticket"] for row in with_parent} == {1001, *children}
    silent = [row for row in story.rows if row["event"] == "suppressed" and row["at"][11:19] == "10:22:30"]
    assert {row["ticket"] for row in silent} == children
    assert not [row for row in story.rows if row["event"] == "page" and row["at"][11:19] > "10:22:30"]
    resolved = [(row["at"][11:16], row["ticket"]) for row in story.rows if row["event"] == "resolved"]
    assert resolved == [("10:40", 1001), *(("10:50", number) for number in sorted(children))]
    told = [row["to"] for row in story.rows if row["event"] == "reply" and row["at"][11:16] == "10:50"]
    assert sorted(told) == sorted(["+8613800000101", *(f"+86139000001{at:02}" for at in range(20))])
    assert "20张分单未动" in story.texts("zhang")[-2]


async def test_the_reports_of_a_false_alarm_stay_open_with_whoever_has_them(play):
    story = await play(
        f"""09:59 sms chen: {OUTAGE}
        10:00 sms sun: {SITES[0]}所有车道都刷不了卡
        10:01 sms wu: {SITES[1]}所有车道都刷不了卡
        10:02 sms zhang: 归属 1002 1001
        10:03 sms zhang: 归属 1003 1001
        10:04 sms zhang: 接单 1001
        10:10 sms zhang: 误报 1001
        10:11 sms zhang: 状态 1002
        10:12 sms zhang: 误报 1003
        10:13 end"""
    )
    assert [one[2] for one in story.of("apart")] == ["1002", "1001", "1003", "1001"]
    assert story.texts("zhang")[-3:] == [
        "【服务台】1001已按误报关闭，不通知客户。2张分单已分开，仍须处理。",
        "【服务台】1002已接单，处理人张三。接单请回 接单1002",
        "【服务台】1003已按误报关闭，不再叫人，也不通知客户。",
    ]
    assert not [row for row in story.rows if row["at"][11:16] >= "10:10" and row["to"] in ("sun", "wu", "chen")]


TWO = f"""10:00 sms chen: {PRINTER}
        10:20 sms chen: {NETWORK}
"""
QUESTION = "【服务台】您说的是1002（网络断断续续）还是1001（3号楼打印机坏了）？请回复单号。"


@pytest.mark.parametrize(
    ("answer", "ticket"),
    [
        pytest.param("1001", 1001, id="a number"),
        pytest.param("是1002，谢谢", 1002, id="a number and thanks"),
        pytest.param("第二个", 1001, id="a place"),
        pytest.param("打印机", 1001, id="a word"),
    ],
)
async def test_who_has_two_matters_is_asked_once_and_the_bare_answer_joins_what_was_said(play, answer, ticket):
    story = await play(
        f"{TWO}        10:40 sms chen as said: 还没好吗\n        10:42 sms chen as answer: {answer}\n10:59 end"
    )
    assert story.of("asked") == [("10:40", "asked", "")]
    assert (story.tickets()["said"], story.tickets()["answer"]) == (ticket, ticket)
    assert [row["text"] for row in story.rows if row["event"] == "asked"] == [QUESTION]
    assert not [row for row in story.rows if row["event"] == "opened" and row["at"][11:16] > "10:20"]


async def test_without_an_answer_the_likeliest_gets_it_after_ten_minutes(play):
    story = await play(
        f"""{TWO}        10:40 sms chen as said: 还没好吗
        10:43 sms chen as more: 急啊，有进展吗
        10:55 end"""
    )
    assert story.of("asked") == [("10:40", "asked", "")]
    assert [one for one in story.of("joined") if one[0] > "10:20"] == [("10:50", "joined", "1002")] * 2


async def test_words_that_name_the_matter_are_not_asked_about(play):
    story = await play(f"{TWO}        10:40 sms chen as said: 打印机修得怎么样了")
    assert (story.of("asked"), story.tickets()["said"]) == ([], 1001)


async def test_who_was_just_written_to_answers_that(play):
    story = await play(
        f"{TWO}        10:30 sms zhang: 1001 我们半小时后到\n        10:31 sms chen as said: 大概几点能到"
    )
    assert (story.of("asked"), story.tickets()["said"]) == ([], 1001)


async def test_in_a_group_nobody_is_asked_and_a_merge_is_suggested(play):
    story = await play(
        f"""10:00 wechat u1 g1: {PRINTER}
        10:20 wechat u1 g1: {NETWORK}
        10:40 wechat u1 g1 as said: 还没好吗
        10:41 sms zhang: 状态 1002"""
    )
    assert (story.of("asked"), story.tickets()["said"]) == ([], 1002)
    assert story.texts("zhang")[-1] == "【服务台】1002待接单，处理人无人。可能与1001是一件事，是就回 合并1002 1001"


async def test_a_report_like_that_of_somebody_else_is_a_suggestion_and_no_merge(play):
    story = await play(
        f"10:00 sms chen: {PRINTER}\n10:30 sms sun as b: {PRINTER}打不出来\n10:40 sms zhang: 状态 1002\n10:41 end"
    )
    assert (story.tickets()["b"], story.of("merged")) == (1002, [])
    assert "可能与1001是一件事" in story.texts("zhang")[-1]
