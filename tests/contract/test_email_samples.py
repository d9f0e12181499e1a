"""Every sample mail of the contracts against what is known or agreed of it; disputed fields are not looked at."""

import json
import re

import pytest

from channels.contract import Automatic
from channels.email.parse import describe, parse
from channels.email.quotes import new_text

UNDECIDED = {
    "mime/cpython/msg_15.eml": {"text"},  # an inner multipart with the boundary of the outer one
    "mime/cpython/msg_30.eml": {"attachments"},  # forwarded mails are kept as files
    "mime/cpython/msg_39.eml": {"attachments"},  # digests with empty members
    "mime/django_mailbox/message_with_defective_attachment_association.eml": {"text"},  # alternatives in an alternative
}
"""Where we differ from the readers on purpose, with the reason."""
LOST = "\ufffd"
"""The readers lost letters there; we may read more."""


def cases(folder, contracts):
    return json.loads((contracts / "email" / folder / "expected.json").read_text(encoding="utf-8"))


def words(text):
    return re.sub(r"\s+", " ", text or "").strip()


def seen(mail):
    """The fields of a mail in the shape of the expected ones."""
    return {
        "subject": words(mail.subject),
        "text": words(mail.text),
        "date": int(mail.sent_at.timestamp()) if mail.sent_at else None,
        "from": [mail.from_] if mail.from_ else [],
        "to": sorted(mail.to),
        "message_id": mail.message_id,
        "attachments": sorted((each.sha256, each.size) for each in mail.attachments),
        "attachment_names": [each.name for each in mail.attachments],
    }


def wanted(field, value):
    match field:
        case "subject" | "text":
            return words(value)
        case "to":
            return sorted(value)
        case "attachments":
            return sorted((each["sha256"], each["size"]) for each in value)
    return value


def comparable(name, expected):
    """What can be compared: not what the readers lost, not the null text of a mail that has only HTML."""
    left = UNDECIDED.get(name, set())
    return {
        field: wanted(field, value)
        for field, value in expected.items()
        if field in seen(parse(b""))
        and field not in left
        and not (field == "text" and value is None)
        and LOST not in str(value)
    }


@pytest.mark.parametrize(
    "folder", ["charsets", "calendar", "mime/cpython", "mime/django_mailbox", "mime/mail_gem", "mime/mail_parser"]
)
def test_every_mail_says_what_is_known_of_it(folder, contracts):
    wrong = {}
    for name, case in cases(folder, contracts).items():
        expected = comparable(f"{folder}/{name}", case.get("expect", case))
        found = seen(parse((contracts / "email" / folder / name).read_bytes()))
        different = {field: (found[field], value) for field, value in expected.items() if found[field] != value}
        if different:
            wrong[name] = different
    assert wrong == {}


def test_html_whose_charset_stands_in_its_meta_element_is_readable(contracts):
    case = cases("charsets", contracts)["html_meta_charset_only.eml"]
    mail = parse((contracts / "email/charsets/html_meta_charset_only.eml").read_bytes())
    assert case["html_contains"] in mail.text


def test_file_names_have_no_path_and_all_their_letters(contracts):
    found: dict[str, int] = {}
    for name in cases("mime/django_mailbox", contracts):
        mail = parse((contracts / "email/mime/django_mailbox" / name).read_bytes())
        found |= {each.name: each.size for each in mail.attachments}
    assert found == {"ð̞oβ̞le.png": 262}


def test_machines_are_told_from_customers(contracts):
    expected = {name: case["automatic"] for name, case in cases("automatic", contracts).items()}
    found = {
        name: parse((contracts / "email/automatic" / name).read_bytes()).automatic is not None for name in expected
    }
    assert found == expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("list_mail.eml", Automatic.BULK),
        ("newsletter.eml", Automatic.BULK),
        ("subject_only_vacation.eml", Automatic.AUTO_REPLY),
        ("x_autorespond.eml", Automatic.AUTO_REPLY),
    ],
)
def test_what_kind_of_machine(name, kind, contracts):
    assert parse((contracts / "email/automatic" / name).read_bytes()).automatic is kind


def test_bounces_are_recognised_and_ordinary_mail_is_not_taken_for_one(contracts):
    expected = {name: case["bounce"] for name, case in cases("bounces/flufl", contracts).items()}
    mails = {name: parse((contracts / "email/bounces/flufl" / name).read_bytes()) for name in expected}
    assert {name: mail.automatic is Automatic.BOUNCE for name, mail in mails.items()} == expected


def test_bounces_name_whom_they_did_not_reach(contracts):
    wrong = {}
    for name, case in cases("bounces/flufl", contracts).items():
        report = parse((contracts / "email/bounces/flufl" / name).read_bytes()).bounce
        found = (low(report.permanent), low(report.temporary)) if report else ([], [])
        if found != (low(case["permanent"]), low(case["temporary"])):
            wrong[name] = found
    # The only one that names no address, only the left side of one.
    assert list(wrong) == ["aol_01.eml"]


def low(addresses):
    return sorted(address.lower() for address in addresses)


def test_a_real_bounce_names_both_addresses_and_the_mail_of_ours(contracts):
    mail = parse((contracts / "email/bounces/real_servers/postfix_user_unknown.eml").read_bytes())
    assert mail.bounce is not None
    assert (mail.bounce.permanent, mail.bounce.final) == (("x@bounce.example",), ("x@refuse.example",))
    assert mail.bounce.original_id == "<t1-x@bounce.example>"


def test_a_real_vacation_answer_is_no_bounce(contracts):
    mail = parse((contracts / "email/bounces/real_servers/dovecot_vacation.eml").read_bytes())
    assert (mail.automatic, mail.bounce) == (Automatic.AUTO_REPLY, None)
    assert mail.in_reply_to == ("<t1-away@customer.example>",)


def replies(folder):
    texts = {}
    for path in sorted((folder / "emails").iterdir()):
        texts[path.name] = (path.read_bytes().decode(), [(folder / "trimmed" / path.name).read_text(encoding="utf-8")])
    return texts


def pairs(contracts, name):
    found = json.loads((contracts / "email/replies" / f"{name}.json").read_text(encoding="utf-8"))
    return {case["name"]: (case["text"], case["accept"]) for case in found}


def not_found(texts):
    wanted = {name: [words(each) for each in accept] for name, (_, accept) in texts.items()}
    return [
        name for name, (text, _) in texts.items() if words(new_text(text.replace("\r\n", "\n"))) not in wanted[name]
    ]


def test_replies_from_chinese_clients(contracts):
    assert not_found(pairs(contracts, "chinese_clients")) == []


def test_replies_that_talon_knows(contracts):
    # Its own test of a limit: a short line below the answer counts as part of the quote there.
    assert not_found(pairs(contracts, "talon_pairs")) == ["test_too_many_lines"]


def test_replies_that_discourse_trims(contracts):
    assert not_found(replies(contracts / "email/replies/trimmer")) == []


def test_replies_that_crisp_reads(contracts):
    folder = contracts / "email/replies/crisp"
    known = {
        name: case["reply"] for name, case in cases("replies/crisp", contracts).items() if case["reply"] is not None
    }
    assert (
        not_found({name: ((folder / name).read_text(encoding="utf-8"), [reply]) for name, reply in known.items()}) == []
    )


def test_forwarded_mails_keep_what_they_forward(contracts):
    found = json.loads((contracts / "email/replies/forwarded_quotequail.json").read_text(encoding="utf-8"))
    lost = []
    for case in (each for each in found if not each["html"] and each["expect"]["type"] == "forward"):
        reply = words(new_text(case["input"]))
        top = words(case["expect"].get("text_top"))
        if not (reply.startswith(top) if top else words(case["expect"]["text"]) in reply):
            lost.append(case["input"])
    assert lost == []


@pytest.mark.parametrize("name", ["android", "apple_mail_2", "hotmail"])
def test_whole_mails_of_talon_give_their_reply(name, contracts):
    folder = contracts / "email/replies/talon_standard"
    expected = (folder / f"{name}.reply.txt").read_text(encoding="utf-8")
    assert words(parse((folder / f"{name}.eml").read_bytes()).reply) == words(expected)


@pytest.mark.parametrize("name", ["gmail", "thunderbird", "ms_outlook_2003"])
def test_html_replies_of_talon_end_before_the_quote(name, contracts):
    page = (contracts / "email/replies/talon_html" / f"{name}.html").read_bytes()
    mail = parse(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page)
    assert words(mail.reply) == "Hi. I am fine. Thanks, Alex"


def test_every_mail_can_be_described_as_json(contracts):
    paths = sorted((contracts / "email").rglob("*.eml"))
    lines = [json.dumps(describe(path.read_bytes(), path.name)) for path in paths]
    assert len(lines) == len(paths)


def test_winmail_dat_is_kept_as_a_file(contracts):
    found = {
        path.name: [each.name for each in parse(path.read_bytes()).attachments]
        for path in (contracts / "email/tnef").glob("*.eml")
    }
    assert set(map(tuple, found.values())) == {("winmail.dat",)}
