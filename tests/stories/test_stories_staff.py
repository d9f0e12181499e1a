"""What the staff hear: at night, on the phone, about levels, batches and nobody."""


async def test_at_night_level_3_rings_nobody_and_questions_wait_for_the_morning(play):
    story = await play(
        """23:00 sms chen: 东站医院3号楼打印机坏了
        23:05 sms sun: 您好，请问怎么申请新账号？
        23:28 end""",
        "  quiet_hours: {begin: '22:00', end: '23:26'}\n",
    )
    assert story.of("page") == [
        ("23:00", "page", "zhang", "sms"),
        ("23:15", "page", "li", "sms"),
        ("23:22", "page", "wang", "sms"),
        ("23:26", "page", "zhang", "sms"),
        ("23:26", "page", "zhang", "voice"),
        ("23:26", "page", "li", "voice"),
    ]


async def test_a_call_asked_to_repeat_says_the_same_words_again(play):
    story = await play(
        """10:00 sms chen: 滨江机房全部断电，业务中断
        10:01 call zhang 0
        10:01:05 call zhang 7
        10:01:10 call zhang 1"""
    )
    assert story.texts("zhang") == [
        "没有听懂。接单请按1，上报请按2，稍后再叫请按3，重听请按0。",
        "已为您接单，单号一零零一，再见。",
    ]


async def test_nobody_is_called_nobody(play):
    story = await play(
        "10:00 sms chen: 东站医院3号楼打印机坏了\n10:01 sms zhang: 状态 1001\n10:01 sms zhao: status 1001"
    )
    assert story.texts("zhang") == ["【服务台】1001待接单，处理人无人。接单请回 接单1001"]
    assert "with nobody" in story.texts("zhao")[0]


async def test_a_batch_tells_the_others_once_whose_the_tickets_are(play):
    story = await play(
        """10:00 sms chen: 滨江机房空调坏了，温度有点高
        10:00:10 sms zhang: 转 zhao 1001
        10:00:20 sms sun: 东站医院3号楼打印机坏了
        10:02:15 sms zhang: 转 zhao 1002
        10:03 sms li: 接单 1001 1002"""
    )
    assert story.texts("zhao")[-1] == "[Support] 1001 1002 was taken by 李雷 at 10:03. Nothing to do for you."


async def test_the_level_set_by_the_lead_moves_the_limit(play):
    story = await play("10:00 sms chen: 东站医院3号楼打印机坏了\n10:02 sms zhang: 级别 1001 1")
    assert [text.partition("限")[2][:5] for text in story.texts("zhang", "page")] == ["10:30", "10:10"]
