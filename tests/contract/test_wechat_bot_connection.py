"""A smart bot over its long connection, against a simulated WeCom on loopback."""

import asyncio
from datetime import timedelta

import pytest

from channels.contract import Button, GiveUp, Inbound, Misconfigured, Remote, TryLater, Uncertain, Unreadable
from channels.powers import Fetches, Listens
from channels.simulation import Fault

from .conftest import until


@pytest.fixture
def channel_name():
    return "wechat/bot"


async def listening(house, channel=None):
    """A task that listens, once the bot is signed in."""
    task = asyncio.create_task((channel or house.channel).listen(house.gateway.accept, house.gateway.receipts))
    await asyncio.sleep(0.05)
    return task


async def test_what_is_said_in_a_group_and_in_private_comes_in(house):
    first = await house.say("机房断电了", group="wrkG")
    second = await house.say("我是张三")
    assert [(one.key, one.sender, one.group, one.named, one.text) for one in house.gateway.heard] == [
        (first, "zhangsan", "wrkG", True, "机房断电了"),
        (second, "zhangsan", None, False, "我是张三"),
    ]


async def test_the_same_message_twice_has_one_key(house):
    house.simulator.fault = Fault.TWICE
    await house.say("断电")
    assert len(house.gateway.heard) == 1


async def test_an_answer_goes_into_the_group_and_mentions_who_asked(house):
    await house.channel.send(house.outgoing("收到", group="wrkG", to="lisi"))
    await house.channel.send(house.outgoing("好了", to="lisi"))
    assert [(one["chatid"], one["chat_type"], one["markdown"]["content"]) for one in house.simulator.frames] == [
        ("wrkG", 2, "<@lisi> 收到"),
        ("lisi", 1, "好了"),
    ]


async def test_a_press_of_a_button_answers_the_text_above_it(house):
    await house.channel.send(house.outgoing("断电了", key="d-7", buttons=(Button(label="接单", says="1"),)))
    card = house.simulator.frames[0]["template_card"]
    keys = [await house.simulator.press_button("zhangsan", card, "1") for _ in range(2)]
    await until(lambda: len(house.gateway.heard) == 2)
    assert [(one.key, one.text, one.answers) for one in house.gateway.heard] == [(key, "1", ("d-7",)) for key in keys]


@pytest.mark.parametrize(
    ("code", "error"), [(45009, TryLater), (93006, GiveUp), (40001, Misconfigured), (-1, TryLater), (77, GiveUp)]
)
async def test_a_refusal_is_told_by_its_code_and_without_the_text(house, code, error):
    house.simulator.refuses["zhangsan"] = code
    with pytest.raises(error, match=f"WeCom {code}") as caught:
        await house.channel.send(house.outgoing("机柜"))
    assert "机柜" not in str(caught.value)
    assert "zhangsan" not in str(caught.value)


async def test_a_long_text_goes_out_in_parts_of_which_a_later_one_can_be_refused(house):
    receipt = await house.channel.send(house.outgoing("长" * 7000))
    assert receipt.segments == 2
    assert "".join(one.text for one in house.simulator.heard) == "长" * 7000
    house.simulator.takes = 3
    with pytest.raises(Uncertain, match="part 2 of 2"):
        await house.channel.send(house.outgoing("长" * 7000))


async def test_without_a_listener_nothing_is_sent(house):
    channel = house.rebuilt()
    with pytest.raises(TryLater, match="not open in this process"):
        await channel.send(house.outgoing())
    assert house.simulator.frames == []


async def test_no_acknowledgement_is_uncertain(house):
    channel = house.rebuilt(timeout_seconds=0.2)
    task = await listening(house, channel)
    house.simulator.silent = True
    with pytest.raises(Uncertain):
        await channel.send(house.outgoing())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_wrong_secret_is_misconfigured(house):
    secret = house.folder / "other"
    secret.write_text("wrong", encoding="utf-8")
    channel = house.rebuilt(secret={"file": str(secret)})
    with pytest.raises(Misconfigured, match="see bot_id and secret") as caught:
        await channel.listen(house.gateway.accept, house.gateway.receipts)
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(("url", "error"), [("ws://127.0.0.1:1/", TryLater), ("ws://127.0.0.1:99999/", Misconfigured)])
async def test_a_connection_that_cannot_be_opened_says_why(house, url, error):
    with pytest.raises(error):
        await house.rebuilt(socket_url=url).listen(house.gateway.accept, house.gateway.receipts)


async def test_a_broken_connection_ends_listening_and_a_new_one_hears_again(house):
    channel = house.rebuilt()
    task = await listening(house, channel)
    await house.simulator.hang_up()
    with pytest.raises(TryLater, match="closed"):
        await task
    task = await listening(house, channel)
    key = await house.simulator.say(sender="lisi", text="还在吗")
    await until(lambda: key in {one.key for one in house.gateway.heard})
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_newer_connection_of_the_same_bot_ends_the_older(house):
    older, newer = house.rebuilt(), house.rebuilt()
    task = await listening(house, older)
    other = await listening(house, newer)
    with pytest.raises(TryLater, match="newer connection"):
        await task
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)


async def test_it_pings_and_gives_up_on_a_dead_connection(house):
    channel = house.rebuilt(timeout_seconds=0.1)
    task = await listening(house, channel)
    await house.clock.advance(timedelta(seconds=31))
    await until(lambda: house.simulator.pings >= 1)
    house.simulator.silent = True
    for _ in range(4):
        await house.clock.advance(timedelta(seconds=31))
        await asyncio.sleep(0.15)
    with pytest.raises(TryLater, match="no ping"):
        await asyncio.wait_for(task, 2)


async def test_what_cannot_be_read_is_set_aside_with_its_place(house):
    await house.simulator.raw("not json")
    await house.simulator.raw('{"cmd":"aibot_msg_callback","headers":{"req_id":"r"},"body":{"msgid":"m"}}')
    await until(lambda: house.gateway.heard)
    (item,) = house.gateway.heard
    assert isinstance(item, Unreadable)
    assert item.where == "body.chattype" or item.where.startswith("frame.body")
    again = house.channel.reread(item.key, item.raw)
    assert (type(again), again.key) == (Unreadable, f"{item.key}:again")


async def test_a_picture_is_fetched_and_decrypted(house):
    url, key = house.simulator.put(b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    picture = {"msgtype": "image", "image": {"url": url, "aeskey": key}}
    await house.simulator.tell("zhangsan", picture)
    await until(lambda: house.gateway.heard)
    (one,) = house.gateway.heard
    assert isinstance(one, Inbound)
    assert isinstance(house.channel, Fetches)
    assert isinstance(house.channel, Listens)
    (remote,) = one.remotes
    file = await house.channel.fetch(remote)
    assert (one.text, file.name, file.type) == ("[图片]", "image.png", "image/png")
    assert file.content == b"\x89PNG\r\n\x1a\n" + b"0" * 40


async def test_a_file_has_the_name_of_the_answer_without_its_path(house):
    url, key = house.simulator.put(b"x" * 31, disposition='attachment; filename="../../etc/report.log"')
    file = await house.channel.fetch(Remote(ref=f"{url}#{key}", name="file"))
    assert (file.name, file.content) == ("report.log", b"x" * 31)


@pytest.mark.parametrize(
    "ref",
    [
        "http://127.0.0.1.evil.example/a#k",
        "http://x.myqcloud.com/a#k",
        "https://evil.example/a#k",
        "https://evilmyqcloud.com/a#k",
        "https://user@x.myqcloud.com/a#k",
        "https://x.myqcloud.com:8443/a#k",
        "file:///etc/passwd",
        "",
    ],
)
async def test_nothing_is_fetched_from_elsewhere(house, ref):
    with pytest.raises(GiveUp, match="file_hosts"):
        await house.channel.fetch(Remote(ref=ref))


async def test_a_file_that_is_gone_too_large_or_under_another_key_is_given_up(house):
    url, _ = house.simulator.put(b"x")
    with pytest.raises(GiveUp, match="no longer there"):
        await house.channel.fetch(Remote(ref=f"{url}0#"))
    with pytest.raises(GiveUp, match="larger than 20 MB"):
        await house.channel.fetch(Remote(ref=f"{url}#", size=21 * 1024 * 1024))
    for key in ("A" * 43, "", "%%%"):
        with pytest.raises(GiveUp, match="decrypted"):
            await house.channel.fetch(Remote(ref=f"{url}#{key}"))
