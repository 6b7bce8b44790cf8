"""The signs of life of one execution: when the next is due, and what it says. Pure; ticks are seconds of a clock that never jumps.

One at a time is on its way, so that none heap up while the brokers are away (the last word waits for none); one that gets lost is
not repeated, but what is known of the progress is in the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

SHORTEST, LONGEST = 1.0, 86_400.0  # seconds, whatever an execution asks for
NEWS = 1.0  # seconds: progress is told so often
LOST_AFTER = 3  # intervals; the scheduler waits for four


@dataclass(slots=True)
class Beat:
    every: float = 0.0  # 0: only when there is news
    lost_after: float = inf  # inf: nobody asks for them
    percent: int | None = None
    note: str | None = None
    next_at: float = inf
    news_at: float = 0.0  # not before
    told_at: float = 0.0  # when the brokers had the last one; at first when it began
    in_flight: int = 0  # one, and the last one beside it
    has_news: bool = False
    is_fresh: bool = False  # the news were never sent

    @classmethod
    def asked(cls, heartbeat_ms: int | None) -> Beat:
        """For an execution that asks for one every `heartbeat_ms`. It goes twice as often: a late one is not a missed one."""
        if not heartbeat_ms or heartbeat_ms < 0:
            return cls()
        interval = min(max(heartbeat_ms / 1000, SHORTEST), LONGEST)
        return cls(every=interval / 2, lost_after=LOST_AFTER * interval)

    def start(self, tick: float) -> None:
        """From now on."""
        self.told_at = tick
        self.next_at = tick + self.every if self.every else inf

    def say(self, percent: int | None, note: str | None) -> None:
        """How far it is. percent None: as it was said last."""
        self.percent = self.percent if percent is None else percent
        self.note = note
        self.has_news = self.is_fresh = True

    def wake(self, is_ending: bool) -> float:
        """The tick at which one is due. The last word is not held back."""
        if self.is_fresh and is_ending:
            return -inf
        if self.in_flight:
            return inf  # the answer wakes us
        return min(self.next_at, self.news_at) if self.has_news else self.next_at

    def sent(self, tick: float) -> None:
        self.in_flight += 1
        self.has_news = self.is_fresh = False
        self.next_at = tick + self.every if self.every else inf
        self.news_at = tick + NEWS

    def answered(self, is_delivered: bool, tick: float) -> None:
        self.in_flight -= 1
        if is_delivered:
            self.told_at = tick
        elif self.percent is not None or self.note is not None:
            self.has_news = True

    def is_lost(self, tick: float) -> bool:
        """The brokers have had none for three times as long as is asked for."""
        return tick - self.told_at > self.lost_after
