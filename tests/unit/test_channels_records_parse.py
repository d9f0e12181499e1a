"""Logs of switchboards: bytes in, calls out, and a reason for every row that is none."""

import json
from pathlib import Path

import pytest

from channels.contract import Inbound
from channels.phone.records import asterisk, parse
from channels.phone.records.config import Account
from channels.powers import NotTaken

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "hotline-records").glob("*.in.*"))
SHANGHAI = Account()


def read(content, account=SHANGHAI):
    raw = content if isinstance(content, bytes) else content.encode()
    return list(parse.calls(raw, account))


def texts(content, account=SHANGHAI):
    return [one.text if isinstance(one, Inbound) else (one.line, one.why) for one in read(content, account)]


def plain(one):
    if isinstance(one, NotTaken):
        return {"line": one.line, "why": one.why}
    at = one.sent_at.isoformat()
    return {"key": one.key, "sender": one.sender, "sender_name": one.sender_name, "text": one.text, "sent_at": at}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_a_file_becomes_the_calls_beside_it(fixture):
    expected = json.loads(fixture.with_name(f"{fixture.name.partition('.')[0]}.out.json").read_text("utf-8"))
    assert [plain(one) for one in read(fixture.read_bytes())] == expected


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_reading_a_file_again_gives_the_same_keys_and_each_once(fixture):
    first, again = ([one.key for one in read(fixture.read_bytes()) if isinstance(one, Inbound)] for _ in range(2))
    assert first == again
    assert len(first) == len(set(first))


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_a_file_that_was_cut_off_anywhere_is_still_read_without_an_error(fixture):
    whole = fixture.read_bytes()
    known = {one.key for one in read(whole) if isinstance(one, Inbound)}
    cuts = [*range(0, len(whole), 7), len(whole)]
    found = {one.key for end in cuts for one in read(whole[:end]) if isinstance(one, Inbound)}
    assert known <= found


ROW = (
    '"","13800138000","4008000000","hotline","""张三"" <13800138000>","PJSIP/trunk-00000001","{to}","Dial","x",'
    '"{start}",{answer},"2026-11-20 11:00:40",40,{bill},"{verdict}","DOCUMENTATION"'
)


def row(start="2026-11-20 11:00:00", *, to="PJSIP/801-00000002", verdict="NO ANSWER", bill=0):
    answer = f'"{start}"' if bill else ""
    return ROW.format(start=start, to=to, verdict=verdict, bill=bill, answer=answer)


MISSED = "[未接来电] 主叫 +8613800138000 呼入 4008000000，等待 40 秒，未接通，请回电"


def test_without_an_id_rows_within_five_seconds_are_one_call_and_later_ones_another():
    log = "\n".join([row(), row("2026-11-20 11:00:05"), row("2026-11-20 11:00:11")])
    assert texts(log) == [MISSED, MISSED]
    keys = [one.key for one in read(log)]
    assert keys[0] == read(row())[0].key
    assert keys[1] == read(row("2026-11-20 11:00:11"))[0].key


def test_one_leg_that_was_answered_makes_the_call_answered():
    log = "\n".join([row(), row(to="PJSIP/802-00000003", verdict="ANSWERED", bill=65)])
    assert texts(log) == ["[来电] 已接听 1分05秒，坐席 802"]


def test_two_who_hide_their_numbers_are_two_calls_with_two_keys():
    log = "\n".join([row().replace("13800138000", ""), row().replace("13800138000", "")])
    found = read(log)
    assert [one.sender for one in found] == ["anonymous", "anonymous"]
    assert found[1].key == f"{found[0].key}:2"


@pytest.mark.parametrize("app", ["Hangup", "Voicemail"])
def test_a_switchboard_that_picks_up_is_nobody(app):
    log = row(to="", verdict="ANSWERED", bill=30).replace("Dial", app)
    (said,) = texts(log)
    assert said.startswith("[未接来电]")
    assert ("语音信箱有留言" in said) == (app == "Voicemail")


def test_a_mailbox_that_answers_by_a_channel_of_its_own_is_nobody():
    (said,) = texts(row(to="Local/vm-00000001", verdict="ANSWERED", bill=30).replace("Dial", "VoiceMail"))
    assert said.startswith("[未接来电]")


HEADER = "calldate,src,dst,disposition,duration,billsec,dstchannel,channel,uniqueid,linkedid,did,outbound_cnum\n"


def test_legs_are_held_together_by_the_linkedid_and_the_number_that_was_dialled_is_named():
    log = (
        "2026-11-20 11:00:00,13800138000,600,NO ANSWER,35,0,PJSIP/801-1,PJSIP/trunk-1,1.1,1795143600.1,4008000000,\n"
        "2026-11-20 11:00:40,13800138000,601,NO ANSWER,20,0,PJSIP/802-1,Local/s@q-1,1.2,1795143600.1,,\n"
    )
    (found,) = read(HEADER + log)
    assert (found.key, found.text) == ("asterisk:1795143600.1", MISSED.replace("40 秒", "35 秒"))


def test_a_call_that_was_transferred_inside_came_in_all_the_same():
    log = (
        "2026-11-20 11:01:00,801,803,ANSWERED,35,30,PJSIP/803-1,PJSIP/801-2,1.3,1795143600.1,,\n"
        "2026-11-20 11:00:00,13800138000,801,ANSWERED,70,60,PJSIP/801-1,PJSIP/trunk-1,1.1,1795143600.1,4008000000,\n"
        "2026-11-20 11:00:00,13800138000,802,NO ANSWER,9,0,PJSIP/802-1,Local/802@ring-1,1.2,1795143600.1,,\n"
    )
    (found,) = read(HEADER + log)
    assert (found.sender, found.text) == ("+8613800138000", "[来电] 已接听 1分30秒，坐席 801、803")
    assert found.sent_at.isoformat() == "2026-11-20T03:00:00+00:00"


def test_a_call_with_a_caller_id_for_outside_went_out():
    log = "2026-11-20 11:00:00,4008000000,13800138000,ANSWERED,35,9,PJSIP/trunk-1,PJSIP/boss-1,1.1,,,4008000000\n"
    assert texts(HEADER + log) == [(2, "outgoing call")]


def test_an_id_is_known_by_its_form_where_only_a_userfield_is_logged():
    found = asterisk.named(next(iter(parse._rows(row() + ',"my field"')[1])))
    assert (found.get("uniqueid"), found["userfield"]) == (None, "my field")
    assert read(row() + ',"1732071600.12",""')[0].key == "asterisk:1732071600.12"
    assert read(row() + ',"pbx-1-1732071600.12",""')[0].key == "asterisk:pbx-1-1732071600.12"


@pytest.mark.parametrize(
    ("line", "account", "expected"),
    [
        (row().replace("13800138000", "801"), Account(), (1, "outgoing call")),
        (row().replace("13800138000", "801").replace("4008000000", "802"), Account(), (1, "internal call")),
        (row().replace("PJSIP/trunk", "PJSIP/801"), Account(), (1, "outgoing call")),
        (row(), Account(own_numbers=("138 0013 8000",)), (1, "outgoing call")),
        (row().replace("13800138000", "801"), Account(extensions=r"7\d\d"), MISSED.replace("+8613800138000", "801")),
        (row().replace("11:00:00", "11:00:99"), Account(), (1, "the start is no time")),
        (row() + "\nrubbish,1,2\n", Account(), MISSED),
    ],
)
def test_whose_call_it_is(line, account, expected):
    assert texts(line, account)[0] == expected


def test_a_line_that_fits_no_layout_is_named_with_its_number():
    assert texts(row() + "\nrubbish,1,2\n")[1] == (
        2,
        "no call record: 3 columns that do not fit any known layout",
    )


def test_a_name_with_a_line_break_counts_its_lines():
    broken = row().replace("张三", "张\n三").replace("11:00:00", "11:00:77")
    assert texts("\n" + broken + "\n" + row("x"))[0] == (2, "the start is no time")


def test_the_zone_of_the_switchboard_is_a_setting():
    found = [
        read(row(), Account(time_zone=zone))[0].sent_at.isoformat()
        for zone in ("Asia/Shanghai", "UTC", "America/New_York")
    ]
    assert found == ["2026-11-20T03:00:00+00:00", "2026-11-20T11:00:00+00:00", "2026-11-20T16:00:00+00:00"]


QUEUE = "1732071600|1732071600.1|support|NONE|ENTERQUEUE||13800138000|1\n"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("1732071635|1732071600.1|support|NONE|ABANDON|1|1|35", "等待 35 秒，未接通"),
        ("1732071635|1732071600.1|support|NONE|EXITWITHTIMEOUT|1|1|35", "等待 35 秒，未接通"),
        ("1732071635|1732071600.1|support|NONE|EXITWITHTIMEOUT|1", "呼入 support，未接通"),
        ("1732071635|1732071600.1|support|NONE|EXITEMPTY|1|1|35", "等待 35 秒，无坐席在线"),
        (
            (
                "1732071610|1732071600.1|support|张三|CONNECT|10|1732071601.2|3\n"
                "1732071655|1732071600.1|support|张三|COMPLETECALLER|10|45|1"
            ),
            "[来电] 已接听 45 秒，坐席 张三",
        ),
        (
            (
                "1732071610|1732071600.1|support|NONE|EXITWITHTIMEOUT|1|1|10\n"
                "1732071611|1732071600.1|second|NONE|ENTERQUEUE||13800138000|1\n"
                "1732071620|1732071600.1|second|SIP/802|CONNECT|9|1732071601.2|3\n"
                "1732071655|1732071600.1|second|SIP/802|COMPLETEAGENT|9|35|1"
            ),
            "[来电] 已接听 35 秒，坐席 802",
        ),
        (
            (
                "1732071610|1732071600.1|support|张三|CONNECT|10|1732071601.2|3\n"
                "1732071655|1732071600.1|support|张三|COMPLETEAGENT|10|45|1\n"
                "1732071656|1732071600.1|support|NONE|ABANDON|1|1|56"
            ),
            "[来电] 已接听 45 秒，坐席 张三",
        ),
    ],
)
def test_how_a_call_leaves_a_queue(more, expected):
    (said,) = texts(QUEUE + more)
    assert expected in said


def test_lines_of_a_queue_that_cannot_be_read_and_calls_that_began_before_are_said():
    assert texts(QUEUE + "x|y\n1732071635|1732071000.1|support|NONE|ABANDON|1|1|35\n") == [
        (1, "the call has not ended in this file"),
        (2, "no line of a queue_log: epoch|call|queue|member|event"),
        (3, "the call entered the queue before this file begins"),
    ]


XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<cdr core-uuid="c"><channel_data><direction>inbound</direction></channel_data><variables>
<uuid>4d1c0001-0000-4000-8000-000000000009</uuid><sip_from_display>%E6%9D%8E%E5%9B%9B</sip_from_display>
<start_stamp>2026-11-20%2011%3A00%3A00</start_stamp><duration>30</duration><billsec>0</billsec>
<hangup_cause>{cause}</hangup_cause><answer_epoch>0</answer_epoch></variables>
<callflow profile_index="2"><caller_profile><destination_number>700</destination_number></caller_profile></callflow>
<callflow profile_index="1"><caller_profile><caller_id_number>01055550101</caller_id_number>
<destination_number>4008000000</destination_number></caller_profile></callflow></cdr>"""


def test_a_record_in_xml_is_the_same_by_other_means():
    (found,) = read(XML.format(cause="USER_BUSY"))
    assert found.key == "freeswitch:4d1c0001-0000-4000-8000-000000000009"
    assert found.text == "[未接来电] 主叫 +861055550101 呼入 4008000000，等待 30 秒，占线，请回电"
    assert (found.sender_name, found.sent_at.isoformat()) == ("李四", "2026-11-20T03:00:00+00:00")


@pytest.mark.parametrize(
    "text",
    [
        "<cdr><variables>",
        '<!DOCTYPE x [<!ENTITY a "aa">]><cdr>&a;</cdr>',
        "<cdr>&nothing;</cdr>",
        "<!DOCTYPE cdr><cdr/>",
    ],
)
def test_xml_that_is_broken_or_has_entities_is_refused(text):
    assert texts(text) == [(1, "not XML, or XML with entities")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        ("{", "neither JSON nor a JSON record on every line"),
        ("[" * 100_000, "neither JSON nor a JSON record on every line"),
        ("[1]", "no call record: not an object"),
        ('{"variables": 3}', "no call record: it has no variables"),
        ('{"variables": {"uuid": "u"}}', "the start is no time"),
        ("<x/>", "no call record: it has no variables"),
        ("PK\x03\x04", "no workbook that can be read: damaged, or protected by a password"),
        ('a,"b\n' + "x" * 140_000, "a field is too long: is a quotation mark missing?"),
    ],
)
def test_what_is_no_log_says_so(text, why):
    assert (1, why) in texts(text)


def test_the_other_leg_of_a_call_is_none_and_a_call_of_ours_goes_out():
    variables = {"uuid": "b", "call_uuid": "a", "direction": "outbound", "start_epoch": "1732071600"}
    assert texts(json.dumps({"variables": variables})) == [(1, "the other leg of a call")]
    ours = {**variables, "call_uuid": "b", "sip_to_user": "13800138000", "sip_from_user": "4008000000"}
    assert texts(json.dumps({"variables": ours})) == [(1, "outgoing call")]


def test_records_of_json_on_every_line_keep_their_lines():
    one = {
        "variables": {"uuid": "a", "start_epoch": "1732071600", "sip_to_user": "400", "sip_from_user": "13800138000"}
    }
    assert texts(json.dumps(one) + "\n\n" + json.dumps({"variables": 1})) == [
        "[未接来电] 主叫 +8613800138000 呼入 400，未接通，请回电",
        (3, "no call record: it has no variables"),
    ]
