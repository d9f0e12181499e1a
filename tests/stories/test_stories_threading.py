"""One matter or another: the sentences of the design, each played through the whole gateway."""

import pytest

OUTAGE = "滨江机房全部断电，业务中断"
PRINTER = "东站医院3号楼打印机坏了"


@pytest.mark.parametrize(
    ("story", "tickets"),
    [
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:10 sms zhang: 1\n13:00 sms chen as b: 有进展吗",
            {"a": 1001, "b": 1001},
            id="a chase belongs to its matter while that was never fixed",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:01 sms zhang: 解决 1001 换粉盒\n10:20 sms chen as b: 还没好",
            {"a": 1001, "b": 1001},
            id="back again within the day of a fix is the same matter",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:01 sms zhang: 解决 1001 换粉盒\n11:02 sms chen as b: 还没好",
            {"a": 1001, "b": 1002},
            id="back again later than that is a new one",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:01 sms zhang: 解决 1001 换粉盒\n11:02 sms chen as b: {PRINTER}",
            {"a": 1001, "b": 1002},
            id="the same words after that are a new one too",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:04 sms sun as b: {PRINTER}打不出来",
            {"a": 1001, "b": 1001},
            id="the same site and symptom within minutes is one, whoever says it",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:11 sms sun as b: {PRINTER}打不出来",
            {"a": 1001, "b": 1002},
            id="later it is not known to be the same",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:05 sms sun as b: 东站医院5号楼打印机坏了",
            {"a": 1001, "b": 1002},
            id="another device at the same site is another matter",
        ),
        pytest.param(
            "10:00 sms chen as a: 东站收费站摄像头坏了\n10:02 sms sun as b: 西站收费站摄像头坏了",
            {"a": 1001, "b": 1002},
            id="two sites with a local cause are two matters",
        ),
        pytest.param(
            "10:00 sms chen as a: 东站收费站收费系统登录不上了\n10:02 sms sun as b: 西站收费站收费系统登录不上了",
            {"a": 1001, "b": 1001},
            id="two sites with a central cause are one",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:30 sms sun as b: 1001有进展吗",
            {"a": 1001, "b": 1001},
            id="somebody unknown joins by the number",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:30 sms sun as b: 修得怎么样了",
            {"a": 1001, "b": 1002},
            id="somebody unknown does not join without it",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:01 sms sun as b: {OUTAGE}\n10:20 sms chen as c: 1002还没好",
            {"a": 1001, "b": 1002, "c": 1001},
            id="the sender beats a mistyped number",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:20 sms sun as b: 关于1001 {OUTAGE}",
            {"a": 1001, "b": 1002},
            id="the content beats a mistyped number",
        ),
        pytest.param(
            "10:00 sms chen as a: 东站医院打印机坏了\n10:00:40 sms chen as b: 卡纸了",
            {"a": 1001, "b": 1001},
            id="a short line right after adds to it",
        ),
        pytest.param(
            f"10:00 sms chen as a: 请问怎么修改密码\n10:00:40 sms chen as b: {OUTAGE}",
            {"a": 1001, "b": 1002},
            id="an outage does not add to a question",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:01 sms sun as b: {PRINTER}\n10:30 sms sun as c: 什么时候能修好",
            {"a": 1001, "b": 1001, "c": 1001},
            id="who reported it too is a party to it",
        ),
        pytest.param(
            f"10:00 sms chen as a: {PRINTER}\n10:30 sms chen as b: 你们态度太差了，我要投诉",
            {"a": 1001, "b": 1002},
            id="a complaint never disappears in the matter it is about",
        ),
        pytest.param(
            "10:00 sms chen as a: 【监控】web01 CPU使用率95%告警\n10:01 sms chen as b: 【监控】web02 CPU使用率95%告警\n"
            "10:02 sms chen as c: 【监控】web01 CPU使用率恢复正常\n"
            "10:03 sms chen as d: 【监控】web01 CPU使用率97%告警",
            {"a": 1001, "b": 1002, "c": 1001, "d": 1001},
            id="an alert is its host and check through recovery and firing again",
        ),
    ],
)
async def test_the_messages_belong_to_these_tickets(play, story, tickets):
    assert (await play(story, "  reopen_within: 1h\n")).tickets() == tickets


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param("wechat u2 g1: 哈哈 中午吃什么", "chatter or notice", id="group chatter"),
        pytest.param("sms wu: 您的验证码是 482913，5分钟内有效", "a code", id="a code"),
        pytest.param("sms wu: 【优惠】全场五折，点击链接领券，回T退订", "chatter or notice", id="an advert"),
        pytest.param(
            "sms wu: 【监控】web01 CPU使用率恢复正常", "an alert that ended and was not known", id="an old recovery"
        ),
    ],
)
async def test_what_belongs_to_nothing_opens_nothing(play, line, why):
    story = await play(f"10:00 {line}")
    assert (story.told, story.rows[0]["text"]) == ([("10:00", "ignored", "")], why)


async def test_a_new_subject_in_an_old_thread_is_a_new_matter_and_a_reply_is_not(play):
    story = await play(
        """10:00 email u@customer.cn as m1: 机房断电 | 滨江机房全部断电，业务中断，所有系统都用不了
        10:00:10 sms zhang: 1
        10:05 email u@customer.cn re m1 as m2: Re: 机房断电 | 请带备用电源过来
        10:06 email u@customer.cn re m1 as m3: 打印机卡纸 | 东站医院的打印机卡纸了，请来看看"""
    )
    assert story.tickets() == {"m1": 1001, "m2": 1001, "m3": 1002}


async def test_thanks_and_works_again_reach_the_owner_a_rating_is_thanked_and_still_broken_reopens(play):
    story = await play(
        f"""10:00 sms chen: {OUTAGE}
        10:00:10 sms zhang: 转 li 1001
        10:00:20 sms li: 1
        10:01 sms chen: 好了，谢谢
        10:02 sms li: 解决 1001 更换电源模块
        10:03 sms chen: 5 谢谢
        10:20 sms chen: 还没好
        10:22:30 end"""
    )
    assert story.told == [
        ("10:00", "opened", "1001"),
        ("10:00", "page", "zhang", "sms"),
        ("10:00", "reply", "chen", "sms"),
        ("10:00:10", "transferred", "1001"),
        ("10:00:10", "page", "li", "sms"),
        ("10:00:10", "reply", "zhang", "sms"),
        ("10:00:20", "taken", "1001"),
        ("10:00:20", "reply", "li", "sms"),
        ("10:01", "joined", "1001"),
        ("10:01", "reply", "li", "sms"),
        ("10:02", "resolved", "1001"),
        ("10:02", "reply", "li", "sms"),
        ("10:02", "reply", "chen", "sms"),
        ("10:03", "joined", "1001"),
        ("10:03", "reply", "chen", "sms"),
        ("10:03", "closed", "1001"),
        ("10:20", "joined", "1001"),
        ("10:20", "page", "li", "sms"),
        ("10:20", "reply", "chen", "sms"),
        ("10:21", "page", "li", "voice"),
        ("10:22", "page", "zhang", "sms"),
    ]


async def test_a_bad_rating_is_told_to_the_manager(play):
    story = await play(f"10:00 sms chen: {PRINTER}\n10:01 sms zhang: 解决 1001 换粉盒\n10:03 sms chen: 1")
    assert story.of("reply")[-2:] == [("10:03", "reply", "chen", "sms"), ("10:03", "reply", "wang", "sms")]
    assert story.texts("wang") == ["【服务台】1001客户评1分。"]


async def test_who_reports_the_same_outage_is_told_its_number(play):
    story = await play(f"10:00 sms chen: {PRINTER}\n10:01 sms sun: {PRINTER}")
    assert story.texts("sun") == ["【服务台】您报的情况我们已知道，单号1001，正在处理。补充情况可直接回复。"]


async def test_words_that_make_it_worse_begin_the_ladder_of_level_1(play):
    story = await play(
        """10:00 sms chen: 系统好慢，东站医院挂号要等很久
        10:04 sms chen: 还没好，现在挂号系统完全瘫痪了，全院无法挂号"""
    )
    assert story.told[-2:] == [("10:04", "joined", "1001"), ("10:04", "page", "zhang", "sms")]
    assert story.texts("zhang", "page")[-1].startswith("【服务台】P1 1001 东站医院：还没好")
    assert story.texts("zhang", "page")[-1].count("限10:14前") == 1


async def test_a_complaint_goes_to_the_manager_and_to_nobody_whom_it_names(play):
    story = await play(
        """10:00 sms chen: 你们张三态度太差，我要投诉
        10:01 sms zhang: 接单 1001
        10:02 sms sun: 投诉王经理态度恶劣，工单没人管"""
    )
    assert story.of("page") == [("10:00", "page", "wang", "sms"), ("10:02", "page", "zhang", "sms")]
    assert story.texts("zhang") == ["【服务台】您的号码没有这项权限，已记录。请联系值班主责。"]
    assert story.of("taken") == []
