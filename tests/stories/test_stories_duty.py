"""Shifts that pass from one to the next: reminded, accepted or not, swapped, and left for a holiday."""

DAYS = """
    second: wang
    manager: wang
    layers: [{name: days, people: [li, zhang], every: daily, begins: "2026-11-23 08:00"}]"""
"""li leads from the 23rd 08:00, zhang from the 24th, and so on; the second and the manager is wang."""
DOWN = "滨江机房全部断电，业务中断"


def rung(story, clock):
    """Who was paged at a time of the day, in order."""
    return list(dict.fromkeys(who for at, _, who, _ in story.of("page") if at == clock))


async def test_whoever_takes_over_is_reminded_a_day_and_an_hour_before(play):
    story = await play("07:00 sms wang: 值班\n1d 07:30 end", settings="  handover: {accept: false}\n", rota=DAYS)
    assert story.texts("li") == [
        "【服务台】提醒：您11-25 08:00起值班主责，上一班张三。请保持手机畅通。",
        "【服务台】提醒：您08:00起值班主责，上一班张三。请保持手机畅通。",
    ]


async def test_a_hand_over_that_is_accepted_passes_the_lead(play):
    story = await play(
        f"""07:00 sms chen: {DOWN}
        07:01 sms li: 到场 1001
        08:05 sms zhang: 1
        08:10 sms sun: 东站医院全部断电，业务中断
        08:20 end""",
        rota=DAYS,
    )
    assert story.texts("zhang", "inquired") == [
        "【服务台】交班：您08:00起值班主责，在办1单、待接0单，上一班李雷。回1确认接班，一二级1001"
    ]
    assert "【服务台】您已接班，现在由您值班主责。" in story.texts("zhang")
    assert "【服务台】张三已接班，您的值班主责到此为止。在办的仍归您：1001" in story.texts("li")
    assert rung(story, "08:10") == ["zhang"]


async def test_without_an_answer_the_previous_lead_is_paged_until_a_late_yes(play):
    story = await play(
        f"""07:00 sms wang: 值班
        08:10 sms chen: {DOWN}
        08:11 sms zhang: 到场 1001
        08:20 sms sun: 东站医院全部断电，业务中断
        08:21 sms li: 到场 1002
        09:00 sms zhang: 接班
        09:05 sms wu: 西站收费站全部断电，业务中断
        09:06 end""",
        rota=DAYS,
    )
    assert (rung(story, "08:10"), rung(story, "08:20"), rung(story, "09:05")) == (["zhang"], ["li"], ["zhang"])
    assert story.texts("zhang", "inquired")[1:] == ["【服务台】您未确认接班，仍由李雷值班主责。能接班时回 接班"]
    assert "【服务台】张三未确认接班，您继续值班主责，直到对方接班。" in story.texts("li")
    assert "【服务台】张三未确认接班，李雷继续值班主责。" in story.texts("wang")
    assert "【服务台】张三已接班，您的值班主责到此为止。在办的仍归您：1002" in story.texts("li")


async def test_a_no_keeps_the_previous_lead_only_for_this_turn(play):
    story = await play(
        f"""07:00 sms wang: 值班
        08:02 sms zhang: 2
        08:03 sms chen: {DOWN}
        08:04 sms li: 解决 1001 换电源
        1d 08:01 sms li: 1
        1d 08:02 sms sun: 东站医院全部断电，业务中断
        1d 08:03 end""",
        rota=DAYS,
    )
    assert (rung(story, "08:03"), rung(story, "08:02")) == (["li"], ["li"])
    assert len(story.texts("li", "inquired")) == 0  # who led on asks nobody to hand over to himself


async def test_where_nothing_is_to_be_accepted_nobody_is_asked(play):
    story = await play(
        f"07:00 sms wang: 值班\n08:30 sms chen: {DOWN}", settings="  handover: {accept: false}\n", rota=DAYS
    )
    assert (story.texts("zhang", "inquired"), rung(story, "08:30")) == ([], ["zhang"])


async def test_a_swap_at_midnight_rings_the_right_phone_before_and_after(play):
    story = await play(
        f"""20:00 sms zhang: 换班 zhao 明天
        20:05 sms zhao: 1
        23:59 sms chen: {DOWN}
        23:59:30 sms zhang: 接单 1001
        1d 00:00:30 sms sun: 东站医院全部断电，业务中断
        1d 00:00:40 end"""
    )
    assert story.texts("zhao", "inquired")[0] == (
        "[Support] 张三 asks you to stand in: 11-25 00:00 to 11-26 00:00, lead. Reply 1 to agree, 2 to refuse"
    )
    assert "【服务台】换班已定：11-25 00:00至11-26 00:00值班主责由Zhao值。" in story.texts("zhang")
    assert "【服务台】换班已定：11-25 00:00至11-26 00:00值班主责由Zhao值。" in story.texts("wang")
    assert (rung(story, "23:59"), rung(story, "00:00:30")) == (["zhang"], ["zhao"])


async def test_a_swap_both_ways_moves_both_turns_and_a_refused_one_none(play):
    story = await play(
        """09:00 sms zhang: 换班 李雷 11-26 11-27
        09:01 sms li: 2
        09:02 sms zhang: 换班 李雷 11-26 11-27
        09:03 sms li: 同意
        09:04 sms li: 值班
        2d 09:00 sms wang: 值班
        3d 09:00 sms wang: 值班""",
        settings="  handover: {accept: false}\n",
        rota=DAYS,
    )
    assert story.texts("li", "inquired")[0] == (
        "【服务台】张三请您换班：您值11-26 08:00起，换11-27 08:00起。同意回1，不同意回2"
    )
    assert story.texts("zhang")[:4] == [
        "【服务台】已问李雷换11-26 08:00起的班，21:00前没有同意则不变。",
        "【服务台】李雷没有同意换11-26 08:00起的班，班次不变。",
        "【服务台】已问李雷换11-26 08:00起的班，21:02前没有同意则不变。",
        "【服务台】换班已定：11-26 08:00起由李雷值，11-27 08:00起由张三值。",
    ]
    leads = [text for text in story.texts("wang") if "备班" in text]
    assert leads == [
        "【服务台】值班主责李雷至11-27 08:00，之后张三；备班王经理。",
        "【服务台】值班主责张三至11-29 08:00，之后李雷；备班王经理。",
    ]


async def test_an_hour_later_a_bare_2_passes_the_ticket_in_hand_on_and_leaves_the_swap_open(play):
    story = await play(
        f"""09:00 sms zhang: 换班 李雷 明天
        09:50 sms li: 2
        10:00 sms chen: {DOWN}
        10:00:10 sms zhang: 转 li 1001
        10:00:20 sms li: 1
        10:10 sms li: 2
        10:11 sms li: 同意
        10:12 end"""
    )
    assert ("10:10", "escalated", "1001") in story.told
    assert "【服务台】您有几问待答：换班。请回 接单+单号、接班、同意或拒绝" in story.texts("li")
    assert "【服务台】换班已定：11-25 00:00至11-26 00:00值班主责由李雷值。" in story.texts("zhang")


async def test_a_swap_that_nobody_answers_changes_nothing_and_both_hear_of_it(play):
    story = await play("09:00 sms zhang: 换班 李雷 明天\n21:01 end")
    refused = "【服务台】李雷没有同意换11-25 00:00起的班，班次不变。"
    assert story.texts("zhang") == ["【服务台】已问李雷换11-25 00:00起的班，21:00前没有同意则不变。", refused]
    assert story.texts("li") == [refused]


async def test_a_lead_who_leaves_now_hands_over_and_is_back_when_they_say_so(play):
    story = await play(
        f"""09:00 sms zhang: 请假 今天 发烧
        09:01 sms li: 1
        09:02 sms chen: {DOWN}
        09:03 sms li: 到场 1001
        10:00 sms zhang: 回来了
        10:01 sms sun: 东站医院全部断电，业务中断
        10:02 end""",
        rota=DAYS,
    )
    assert story.texts("zhang")[0] == ("【服务台】已记09:00至11-25 00:00请假，您的班：11-24/09:00李雷。回来请回 回来了")
    assert story.texts("li", "inquired") == [
        "【服务台】交班：您09:00起值班主责，在办0单、待接0单，上一班张三。回1确认接班"
    ]
    assert (rung(story, "09:02"), rung(story, "10:01")) == (["li"], ["zhang"])
    assert "【服务台】张三请假09:00至11-25 00:00。11-24/09:00李雷" in story.texts("wang")


async def test_an_absence_that_leaves_a_hole_is_told_to_the_absent_and_the_manager(play):
    story = await play("09:00 sms zhang: 请假 11-28 11-30")
    assert story.texts("zhang") == [
        "【服务台】已记11-28 00:00至12-01 00:00请假，但有班没人接(!)：11-28/00:00!。请尽快换班"
    ]
    assert story.texts("wang") == ["【服务台】张三请假11-28 00:00至12-01 00:00，有班没人接(!)：11-28/00:00!。请安排"]
