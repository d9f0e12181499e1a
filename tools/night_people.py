"""The staff in a night: asleep, awake, late, or without a clear word; what they answer to what reaches their phone."""

from __future__ import annotations

from datetime import timedelta

from channels.contract import Status, Update
from tools.night_plan import Habit
from tools.night_world import CAN, Sent, World

NONSENSE = ("我马上到", "接但", "好的，但是我不在城里", "???", "ok lah", "7", "1 9999", "解决")
LATER_ON = ("到场 {n}", "解决 {n} 更换电源模块", "退单 {n}", "撤销", "备注 {n} 在路上", "上报 {n}", "状态 {n}")


def reached(world: World, one: Sent) -> None:
    """A text or a call reached a phone: whoever has it answers by habit, or does not."""
    person = world.person(one.outgoing.to)
    if person is None or one.outgoing.replaces:
        return
    habit = world.night.habits[person]
    if CAN[one.road].speaks:
        _rings(world, one, habit)
    elif one.numbers and world.night.dice.random() < habit.answers:
        _answers(world, one, habit)
    elif one.outgoing.template == "taken":
        _goes_on(world, one)


def _rings(world: World, one: Sent, habit: Habit) -> None:
    dice, key = world.night.dice, one.outgoing.key
    seconds = dice.uniform(5, 40)
    if dice.random() < habit.wakes:
        update = Update(status=Status.ANSWERED, key=key)
        digit = dice.choice("111112390" if len(one.numbers) < 2 else "9999123")
        world.say_back(one.road, one.outgoing.to, digit, seconds, answers=key)
    elif dice.random() < 0.5:
        update = Update(status=Status.ANSWERED, key=key, reason="voicemail")
    else:
        update = Update(status=Status.FAILED, key=key, reason="no answer")
    world.later(world.clock.now() + timedelta(seconds=seconds - 1), lambda: world.receipt(one.road, update))


def _answers(world: World, one: Sent, habit: Habit) -> None:
    dice, number = world.night.dice, one.numbers[0]
    seconds = dice.uniform(3, habit.slowest)
    if dice.random() < habit.garbage:
        text = dice.choice(NONSENSE)
    elif len(one.numbers) > 1:
        text = dice.choice(("9", "9", "全接", "0", f"接单 {number}", "1"))
    else:
        text = dice.choice(("1", "1", "1", f"接单 {number}", "2", "3", f"稍后 {number} 30", f"上报 {number}"))
    answers = one.outgoing.key if CAN[one.road].buttons or dice.random() < 0.2 else ""
    world.say_back(one.road, one.outgoing.to, text, seconds, answers=answers)


def _goes_on(world: World, one: Sent) -> None:
    """Whoever took a ticket works on it, gives it back, or forgets it."""
    dice = world.night.dice
    number = one.outgoing.key.partition("-")[0]
    habits = world.night.habits
    wishes = [*LATER_ON, f"转 {dice.choice(list(habits))} {{n}}"]
    seconds = 0.0
    for text in ("到场 {n}", "解决 {n} 更换电源模块") if dice.random() < 0.4 else dice.sample(wishes, 2):
        seconds += dice.uniform(30, 5000)
        if dice.random() < 0.8:
            world.say_back(one.road, one.outgoing.to, text.format(n=number), seconds)
