"""A small gateway that kills itself (signal 9) at its n-th step; 0 lives on. Each line on stdin is one life.

A line is JSON: [address, n, file of what was sent, file of what was told, [keys]]; the answer is its wait status. Each
step is a place between two statements or transactions. What was taken in is told only after its commit, as an adapter
answers 200. Every life is a process of its own, forked before it touches the database.
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from store import inbox, judging, queue, timers
from store.batch import Failed, run
from store.db import open_database
from store.inbox import Arrival, Bring
from store.model import Lane, Message, Timer
from store.queue import Ask, Done
from store.work import Work

HERE = "sms:main"


class Life:
    def __init__(self, url, last, sent, told):
        self.left = last
        self.sent, self.told = Path(sent), Path(told)
        self.owner = str(os.getpid())
        self.database = open_database(url, now=lambda: datetime.now(UTC))
        self.connection = self.database.engine.connect()

    def step(self):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def tell(self, word, file=None):
        with (file or self.told).open("a") as lines:
            lines.write(f"{word}\n")

    def play(self, move, item=None):
        def watched(tx, items):
            self.step()
            answers = move(tx, items)
            self.step()
            return answers

        (answer,), _ = run(self.connection, self.database, [(watched, item)])
        if isinstance(answer, Failed):
            raise answer.error
        self.step()
        return answer

    def recover(self, tx, items):
        return [queue.expired(tx, resend=frozenset({0}), all_owners_but=self.owner) for _ in items]

    def judge(self, tx, items):
        work = Work(tx)
        for message in judging.waiting(tx.connection, 100):
            work.add(Timer(id=work.id(), due=tx.now, kind="step", ticket_id=message.id))
            work.change(message, state="judged")
        self.step()
        work.flush()
        return items

    def fire(self, tx, items):
        work = Work(tx)
        for timer in timers.fire(tx, tx.now, 100):
            self.step()
            key = f"page-{timer.ticket_id}"
            message = Message(id=work.id(), direction="out", channel=HERE, key=key, state="queued", at=tx.now)
            queue.put(work, message, destination=HERE, lane=Lane.PAGE, due=tx.now)
        work.flush()
        return items

    def take_in(self, key):
        arrival = Arrival(channel=HERE, key=key, at=self.database.now(), sender="x", text="断了")
        self.play(inbox.accept, Bring(items=(arrival,)))
        self.tell(key)

    def send(self, one):
        self.tell(one.key, self.sent)
        self.step()
        done = Done(delivery_id=one.delivery_id, owner=self.owner, attempt=one.attempt, outcome="sent")
        assert self.play(queue.complete, done), one

    def live(self, keys):
        self.play(self.recover)
        for key in keys:
            self.take_in(key)
        self.play(self.judge)
        self.play(self.fire)
        while claimed := self.play(queue.claim, Ask(owner=self.owner, free={HERE: 1}, lease=timedelta(0))):
            for one in claimed:
                self.send(one)
        self.tell(f"done {max(0, -self.left)}")
        self.database.close()


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            *where, words = json.loads(line)
            Life(*where).live(words)
            os._exit(0)
        sys.stdout.write(f"{os.waitpid(child, 0)[1]}\n")
        sys.stdout.flush()
