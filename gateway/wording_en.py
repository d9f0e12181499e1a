"""English texts, by template; only signs of the GSM alphabet, so that a text message holds 160 (3GPP TS 23.038)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PAGES: Final[Mapping[str, str]] = {
    "page": "{sign}{level} {number} {site}: {symptom}. Ack before {until}. Reply 1 ack, 2 escalate, 3 snooze",
    "page_no_limit": "{sign}{level} {number} {site}: {symptom}. Reply 1 ack, 2 escalate, 3 snooze",
    "page_again": "{sign}Still not taken: {level} {number} {site}: {symptom}. Ack before {until}. "
    "Reply 1 ack, 2 escalate, 3 snooze",
    "page_one_way": "{sign}{level} {number} {site}: {symptom}. No answer from here: press 1 on the call or text 1",
    "page_fold": "{sign}{count} waiting: {per_level}, most urgent {number} {symptom}. "
    "Reply 9 ack all, 0 list, 2 escalate",
    "transferred_ask": "{sign}{who} hands you {level} {number} {site}: {symptom}. Reply 1 ack, 2 escalate, 3 snooze",
    "visit_ask": "{sign}Visit {level} {number} {site}: {symptom}, ask for {contact}. "
    "Before {at} reply 1 I go, 2 cannot",
    "visit_due": "{sign}{number}: a visit is wanted at {at} ({site}) and nobody was sent. "
    "Reply 'dispatch {number}' for names",
    "still_on_it": "{sign}{number}: no update since you took it at {at}. Reply 1 still on it, "
    "'release {number}' to give it back. Re-paged in {minutes} min",
    "handover": "{sign}Handover: you lead from {at}. {held} in progress, {waiting} waiting, previous lead {who}. "
    "Reply 1 to accept",
    "handover_late": "{sign}You did not accept, {who} stays lead. Reply 'take over' when you can",
    "handover_kept": "{sign}{who} did not accept the handover. You stay lead until they do.",
    "handover_open_end": "{sign}{who} did not accept the handover. {second} stays lead.",
    "handover_alone": "{sign}{who} did not accept the handover and nobody else can stay. Settle now who leads.",
    "handover_over": "{sign}{who} took over. You are not lead any more.",
    "handover_over_kept": "{sign}{who} took over. You are not lead any more. Still yours: {list}",
    "shift_reminder": "{sign}Reminder: you are {role} from {at}, previous {who}. Keep your phone on.",
    "shift_moved": "{sign}Your shifts moved: you are {role} from {at}.",
    "shift_off": "{sign}Your shifts moved: {who} is {role} from {at}.",
    "duty_now": "{sign}From now on {who} is {role}.",
    "duty_week": "{sign}Lead this week: {lines}",
    "swap_ask": "{sign}{who} asks you to stand in: {at} to {until}, {role}. Reply 1 to agree, 2 to refuse",
    "swap_ask_both": "{sign}{who} asks to swap: you take {at}, they take {begins}. Reply 1 to agree, 2 to refuse",
    "swap_done": "{sign}Swap agreed: {at} to {until}, {role}: {second}.",
    "swap_done_both": "{sign}Swap agreed: {second} from {at}, {who} from {begins}.",
    "swap_no": "{sign}{who} did not agree to swap the shift from {at}. Nothing changes.",
    "swap_void": "{sign}The shift from {at} has changed since, so the swap is void.",
    "away_other": "{sign}{who} is away {at} to {until}. {list}",
    "away_hole_other": "{sign}{who} is away {at} to {until}, shifts with nobody (!): {list}. Please arrange",
    "rota_hole": "{sign}Holes in the rota: {count}, the first from {at} to {until}. Nobody leads then; "
    "please name somebody.",
    "rota_calendar": "{sign}The make-up workdays of next year are not known: duty and promises would count "
    "plain weekends. Please add them to the calendar.",
    "test_page": "{sign}TEST page, nothing to do. Reply 1 to prove this phone can receive and answer.",
    "untouched": "{sign}{number}: no news for long, it is {state}. Act, or reply 'resolve {number} what you did'",
    "silent": "{sign}No sign of life for {minutes} min: {text}. It may be cut off, please check.",
    "lives_again": "{sign}Lives again: {text}",
    "drill_failed": "{sign}{count} test calls were not answered: {list}. Check these phones and repeat",
    "storm": "{sign}Storm: {count} tickets waiting within {minutes} min. See the board or call the lead.",
    "breach": "{sign}{number} is late: {clock} by {late} min, with {who}. Act now or reply 'escalate {number}'",
    "clock_warning": "{sign}{number}: {clock} is due before {until}.",
    "alarm": "{sign}System alarm: {text}",
    "reserved_word": "{sign}The phone of {who} sent '{word}': the carrier may block its texts now. "
    "Check it, use calls or push.",
}
ANSWERS: Final[Mapping[str, str]] = {
    "taken": "{sign}{number} is yours ({at}). Reply 'arrive {number}' on site, "
    "'resolve {number} what you did' when fixed. Mistake? Reply 'undo'",
    "taken_all": "{sign}{count} are yours: {list}. Reply 'arrive' or 'resolve' + number + what you did",
    "too_late": "{sign}{number} was taken by {who} at {at}. Nothing to do for you.",
    "already_settled": "{sign}{number} is settled. Nothing to do for you.",
    "which_question": "{sign}Open questions: {questions}. Reply ack + number, take over, accept or decline",
    "which_one": "{sign}{count} waiting: {list}. Reply 'ack' + number or 9 for all listed",
    "not_understood": "{sign}Not understood: '{word}'. Use ack, arrive, resolve, to, escalate, snooze + number, or 0",
    "listing": "{sign}Yours: {lines}{more}. Reply 'ack' + number",
    "nothing_open": "{sign}Nothing waits for you and you have no open ticket.",
    "status": "{sign}{number}: {state}, with {who}. Reply 'ack {number}' to take it",
    "escalated": "{sign}{number} escalated, {to} is being called.",
    "snoozed": "{sign}{number} snoozed, you are called again at {until}. Reply 'ack {number}' to take it",
    "not_snoozed": "{sign}{number} cannot be snoozed: {why}. Reply 'ack {number}' or 'escalate {number}'",
    "arrived": "{sign}{number}: arrival noted, fix due before {until}. "
    "Reply 'resolve {number} what you did' when fixed",
    "held": "{sign}{number} on hold until {until}, its repair clock stands still. Reply 'resume {number}' to go on",
    "hold_needs_text": "{sign}Say why, such as: hold {number} waiting for a part 2h",
    "hold_over": "{sign}{number}: the hold is over, its repair clock runs. Wait longer? Reply 'hold {number} why'",
    "resumed": "{sign}{number} goes on, its repair clock runs again.",
    "workaround_kept": "{sign}{number}: workaround noted, the customer is told, the repair clock stops. "
    "The cause is open: reminder {until}",
    "workaround_needs_text": "{sign}Say how, such as: workaround {number} spare unit",
    "workaround_open": "{sign}{number}: worked around at {at}, the cause is still open. "
    "Reply 'resolve {number} what you did' when mended",
    "second_line_asked": "{sign}{number} handed to the second line, due on site before {until}. "
    "Reply 'arrive {number}' when they are there",
    "second_line_needs_text": "{sign}Say why, such as: second line {number} cannot be mended on site",
    "second_line_told": "{sign}{number} handed to the second line by {who}, due before {until}: {text}",
    "still_yes": "{sign}Good, {number} stays with you.",
    "still_lapsed": "{sign}{number}: no answer from you, others are being called. Reply 'ack {number}' to keep it",
    "resolve_needs_text": "{sign}Say what you did, such as: resolve {number} psu swapped",
    "resolved": "{sign}{number} resolved, the customer is asked. You are called again if it is not fixed.",
    "released": "{sign}{number} given back, others are being called.",
    "undone": "{sign}{number} is no longer yours, it is being paged again.",
    "nothing_to_undo": "{sign}Nothing to undo: only right after taking. Use 'release' + number to give back",
    "transfer_done": "{sign}{number} handed to {to}; paging goes on until it is taken.",
    "who_is_that": "{sign}Not sure who '{person}' is. Reply 'to' + name + number. Names: {list}",
    "noted": "{sign}{number}: noted, the customer does not see it.",
    "opinion_raised": "{sign}{number}: a second opinion says {level}: {text}. If not, reply 'level 3 {number}'",
    "level_changed": "{sign}{number} is now {level}, limits are recomputed.",
    "correction_kept": "{sign}{number}: your correction is kept, its limits stay.",
    "false_alarm": "{sign}{number} closed as a false alarm. Nobody is called, the customer is not told.",
    "reply_sent": "{sign}{number}: your reply went to the customer.",
    "reply_failed": "{sign}{number}: your reply did not reach the customer. Please call them.",
    "awake_over": "{sign}Understood: texts and calls as usual again.",
    "awake_no_app": "{sign}No app of yours can be pushed to; nothing changes, you are texted and called.",
    "awake": "{sign}You are awake: push only, no calls or texts before {until}.",
    "duty": "{sign}Lead now: {lead}, second: {second}.",
    "duty_until": "{sign}Lead {lead} until {until}, then {who}; second {second}.",
    "handover_yes": "{sign}You took over, you are lead now.",
    "handover_stays": "{sign}Understood, {who} stays lead for this shift.",
    "swap_sent": "{sign}{who} was asked to swap the shift from {at}. Without a yes before {until} nothing changes.",
    "swap_refused": "{sign}No swap: {why} {word}. Write 'swap li 11-28' or 'swap li 11-28 for 11-30'",
    "away_how": "{sign}Not understood: '{word}'. Write the days, such as: away 11-28 11-30",
    "away_free": "{sign}Noted: away {at} to {until}, no shift of yours. Reply 'back' when you are back",
    "away_covered": "{sign}Noted: away {at} to {until}. Your shifts: {list}. Reply 'back' when you are back",
    "away_hole": "{sign}Noted: away {at} to {until}, but shifts with nobody (!): {list}. Please swap",
    "back": "{sign}Welcome back: away {at} to {until} ends here.",
    "not_away": "{sign}You are not away.",
    "test_ok": "{sign}Got it, this phone can receive and answer.",
    "help": "{sign}1 ack 2 escalate 3 snooze 9 all 0 list; arrive, resolve, to, release, note + number; "
    "number + text goes to the customer",
    "unknown_ticket": "{sign}There is no ticket {number}. Reply 0 for the list",
    "no_right": "{sign}This number may not do that; it was noted. Please call the lead.",
    "taken_from_you": "{sign}{number} is now with {who}. Nothing more to do for you.",
    "page_cancelled": "{sign}{number} no longer needs you.",
    "merged": "{sign}{number} is part of {other} now, what follows goes to {other}. Mistake? Reply 'apart {number}'",
    "merged_other": "{sign}{number} is part of {other} now. Its customer is another one and hears nothing of {other}. "
    "Mistake? Reply 'apart {number}'",
    "merged_away": "{sign}{who} made {number} a part of {other}. Nothing more to do for you on {number}.",
    "not_merged": "{sign}{number} cannot become a part of {other}: {why}.",
    "unmerged": "{sign}{number} is as it was before it went to {other}. What was said since stays on {other}.",
    "child_of": "{sign}{number} is a report of {other} now, with its own customer. "
    "Nobody is asked for it once {other} is taken.",
    "not_child": "{sign}{number} cannot be a report of {other}: {why}.",
    "apart": "{sign}{number} is no report of {other} any more; who has it keeps it.",
    "not_apart": "{sign}{number} is no part and no report of another ticket.",
    "needs_two": "{sign}Name two tickets, such as: merge 1043 1042 (1043 becomes a part of 1042)",
    "no_children": "{sign}{number} has no open reports.",
    "false_alarm_parent": "{sign}{number} closed as a false alarm, the customer is not told. "
    "{count} reports of it are taken apart and stay open.",
    "resolved_parent": "{sign}{number} resolved. {count} reports of it stay open: "
    "'resolve children {number}' resolves them and tells their customers",
    "children_resolved": "{sign}{count} reports of {number} are resolved, their customers are being told.",
    "status_merged": "{sign}{number} is a part of {other} now. See {other}",
    "status_similar": "{sign}{number}: {state}, with {who}. May be the same as {other}; "
    "if so reply 'merge {number} {other}'",
    "dismissed": "{sign}Noted: {number} and {other} are two matters.",
    "visit_sent": "{sign}{number}: {to} was asked to go; without a yes before {until} you hear from us.",
    "visit_offers": "{sign}{number}, whom to send: {offers}. Reply 'dispatch name {number}'",
    "visit_who": "{sign}Not sure who '{person}' is. Reply 'dispatch' + name + number. Names: {list}",
    "visit_already": "{sign}{number}: {to} was sent before.",
    "visit_accepted": "{sign}{number}: {who} goes there.",
    "visit_declined": "{sign}{number}: {who} {why}. Others: {offers}. Reply 'dispatch name {number}'",
    "visit_not_going": "{sign}{number}: noted that you cannot go; somebody else is sent.",
    "visit_yours": "{sign}{number}: you go. Reply 'on the way {number} minutes', 'arrive {number}' there, "
    "'resolve {number} what you did' when fixed",
    "visit_noted": "{sign}{number}: noted.",
    "visit_off": "{sign}{number} is settled. You need not go there any more.",
    "visit_digits": "{sign}{number}: to report by the QR code of the site, give this number and {code}.",
    "visit_page": "{sign}Your page for the visit of {number}, good for seven days, for you only: {link}",
    "code_right": "{sign}{number}: the customer's confirmation is noted.",
    "code_wrong": "{sign}{number}: this is not the customer's code; {count} tries left.",
    "code_locked": "{sign}{number}: too many wrong codes. Let the customer sign on your page.",
    "code_needed": "{sign}Say the code that the customer told you, such as: code {number} 4821",
    "code_none": "{sign}{number}: the customer was given no code. Let the customer sign on your page.",
    "customer_added": "{sign}{number} customer adds: {text}",
    "customer_fixed": "{sign}{number} customer says it works: {text}. Reply 'resolve {number} what you did'",
    "customer_rated": "{sign}{number}: the customer's rating is {rating}.",
}
CUSTOMER: Final[Mapping[str, str]] = {
    "customer_receipt": "{sign}Your report has number {number}. {next}; you hear from us before {until}. "
    "Reply here to add anything.",
    "customer_receipt_question": "{sign}Your question has number {number}; an engineer answers soon. "
    "Reply here to add anything.",
    "customer_receipt_complaint": "{sign}Your complaint has number {number}. Somebody not involved looks into it; "
    "you hear from us before {until}.",
    "customer_receipt_visit": "{sign}Your visit request has number {number}; we call you to agree on a time. "
    "Reply here to add anything.",
    "customer_receipt_change": "{sign}Your change request has number {number}; we assess it and answer you. "
    "Reply here to add anything.",
    "customer_receipt_emergency": "{sign}Your request for emergency support has number {number}. "
    "We call you before {until}; people are being sent.",
    "customer_named": "{sign}I am here. Write where and what is wrong; I register it and tell the people on duty.",
    "customer_status": "{sign}{number}: {state}, with {who}. Just write to add to it.",
    "customer_linked": "{sign}Linked, thank you.",
    "customer_not_linked": "{sign}This code is wrong, used or too old; ask for a new one.",
    "customer_contact_kept": "{sign}Your number is kept, thank you.",
    "customer_joined": "{sign}What you report is known as number {number} and being worked on. "
    "Reply to this message to add to it.",
    "customer_which": "{sign}Do you mean {choices}? Please reply with the number.",
    "customer_taken": "{sign}{number} is now with {who}, who is working on it. Reply here to add anything.",
    "customer_visit_code": "{sign}{who} comes to you for {number}. Tell them the code {code} when the work is done "
    "to your satisfaction, not before.",
    "customer_on_the_way": "{sign}{number}: {who} is on the way.",
    "customer_on_the_way_in": "{sign}{number}: {who} is on the way, about {minutes} minutes.",
    "customer_arrived": "{sign}The engineer for {number} is on site and working on it.",
    "customer_resolved": "{sign}{number} is done: {what}. Satisfied? Reply 5, fair 3, not satisfied 1. "
    "Not fixed? Reply 'still broken'",
    "customer_workaround": "{sign}{number} works again for now: {what}. The cause is being mended; "
    "reply if anything is wrong.",
    "customer_reopened": "{sign}{number} is open again; the lead is being called again.",
    "customer_thanks": "{sign}Thank you for your rating of {number}.",
    "broadcast": "{sign}Hello {name}, {text}.",
    "broadcast_package": "{sign}Hello {name}, {package} {version} is out: {text}. "
    "Enter the code {code} on our download page.",
    "broadcast_reminder": "{sign}Hello {name}, {package} {version} is not downloaded yet. "
    "Enter the code {code} on our download page.",
    "broadcast_reminder_link": "{sign}Hello {name}, {package} {version} is not downloaded yet: {link}",
    "broadcast_advert": "{sign}{text}. Reply STOP to opt out",
}
VOICE: Final[Mapping[str, str]] = {
    "voice_page": "{level}, ticket {number}, {site}, {symptom}. "
    "Press 1 to take it, 2 to escalate, 3 to be called again later, 0 to repeat.",
    "voice_page_fold": "{count} tickets are waiting, {per_level}, most urgent {number}, {symptom}. "
    "Press 9 to take them all, 2 to escalate, 0 to repeat.",
    "voice_test": "This is a test call, there is nothing to do. Press 1 to prove this phone works.",
    "voice_taken": "Ticket {number} is yours. Goodbye.",
    "voice_taken_all": "{count} tickets are yours. Goodbye.",
    "voice_escalated": "Ticket {number} is escalated. Goodbye.",
    "voice_snoozed": "You are called again at {until}. Goodbye.",
    "voice_not_snoozed": "Ticket {number} cannot be put off again. Press 1 to take it or 2 to escalate.",
    "voice_too_late": "Ticket {number} was taken by {who}. Nothing to do for you. Goodbye.",
    "voice_settled": "Ticket {number} is settled. Nothing to do for you. Goodbye.",
    "voice_not_understood": "That was not understood. "
    "Press 1 to take it, 2 to escalate, 3 to be called again later, 0 to repeat.",
    "voice_wait": "One moment please.",
    "voice_goodbye": "Goodbye.",
}
PARTS: Final[Mapping[str, str]] = {
    "page_done": "{level} {number} {site}: {symptom}. Taken by {who} at {at}, nothing to do.",
    "page_gone": "{level} {number} {site}: {symptom}. Nothing to do any more.",
    "page_doubt": ", 'level {n} {number}' to correct",
    "handover_open": ", P1/P2: {list}",
    "customer_ask_phone": "Please reply with your phone number: this platform lets us answer for a limited time only.",
}
"""What takes the place of a page in an app, and what is added to another text; none of it is a text of its own."""
MAIL: Final[Mapping[str, str]] = {"mail_subject": "[YZ-{number}] {title}"}
TEMPLATES: Final[Mapping[str, str]] = {**PAGES, **ANSWERS, **CUSTOMER, **VOICE, **MAIL, **PARTS}

KINDS: Final[Mapping[str, str]] = {
    "fault": "fault",
    "consultation": "question",
    "complaint": "complaint",
    "site_visit": "visit",
    "change_request": "change",
    "emergency_support": "emergency",
    "praise_or_chat": "chat",
    "followup": "follow-up",
}
STATES: Final[Mapping[str, str]] = {
    "paging": "waiting",
    "taken": "taken",
    "on_site": "on site",
    "on_hold": "on hold",
    "resolved": "resolved",
    "closed": "closed",
    "merged": "merged",
}
CLOCKS: Final[Mapping[str, str]] = {
    "respond": "response",
    "arrive": "arrival",
    "resolve": "fix",
    "answer": "answer",
    "second_arrive": "second line arrival",
    "second_resolve": "second line fix",
}
INQUIRIES: Final[Mapping[str, str]] = {
    "still": "still on it?",
    "handover": "take over",
    "swap": "swap",
    "drill": "test",
    "visit": "visit",
}
OFFERS: Final[Mapping[str, str]] = {
    "near": "near:{area}",
    "knows": "knows:{what}",
    "free": "free",
    "on": "on:{numbers}",
}
"""Why somebody is proposed, without spaces: a list is cut at these."""
NO_OFFER: Final = "nobody"
REASONS: Final[Mapping[str, str]] = {
    "often": "no snoozes left",
    "limit": "the limit is near",
    "same": "it is the same ticket",
    "merged": "one of them was merged before",
    "settled": "it is settled",
    "complaint": "a complaint goes its own way",
    "swap_who": "not sure who that is",
    "swap_self": "that is yourself",
    "swap_day": "no such day",
    "swap_over": "that day is over",
    "swap_no_turn": "no shift of yours on",
    "swap_no_turn_theirs": "no shift of theirs on",
    "swap_away": "away then:",
    "swap_how": "name and day are needed",
    "no": "cannot go",
    "lapsed": "gave no answer",
}
ROLES: Final[Mapping[str, str]] = {"lead": "lead", "second": "second", "manager": "manager"}
NEXT: Final[Mapping[int, str]] = {
    1: "The lead is being called right now",
    2: "The lead is being called",
    3: "The engineer on duty is told",
}
"""What happens after a fault of this level was reported."""
LEVELS: Final[Mapping[int, str]] = {1: "level one fault", 2: "level two fault", 3: "level three fault"}
"""As they are spoken."""
