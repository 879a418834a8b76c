"""Sending limits, on a clock that the test turns."""

from __future__ import annotations

from bot.telegram.limits import SendLimits


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def sent_within(limits: SendLimits, clock: Clock, seconds: float, chats: int) -> list[float]:
    """When messages went out when there is always something to send to each of `chats` chats."""
    times, end, chat = [], clock.now + seconds, 0
    while clock.now < end:
        for _ in range(chats):
            chat = (chat + 1) % chats
            if limits.wait(str(chat)) == 0:
                times.append(clock.now)
        clock.now += 0.01
    return times


def test_overall_rate_holds_in_every_second() -> None:
    clock = Clock()
    times = sent_within(SendLimits(clock, overall_rate=28, chat_rate=50, chat_burst=50), clock, 10, 40)
    most = max(sum(1 for t in times if start <= t < start + 1) for start in times)
    assert most <= 31
    assert len(times) >= 270


def test_one_chat_gets_a_small_burst_then_one_a_second() -> None:
    clock = Clock()
    times = sent_within(SendLimits(clock, overall_rate=30), clock, 10, 1)
    assert sum(1 for t in times if t < 100.5) == 3
    assert 12 <= len(times) <= 13


def test_a_pause_holds_for_every_chat() -> None:
    clock = Clock()
    limits = SendLimits(clock)
    limits.pause(3)
    assert limits.wait("a") > 0
    clock.now += 2.9
    assert limits.wait("b") > 0
    clock.now += 0.2
    assert limits.wait("b") == 0


def test_idle_chats_are_forgotten() -> None:
    clock = Clock()
    limits = SendLimits(clock)
    limits.wait("a")
    clock.now += 5
    limits.forget_idle()
    assert limits._chats == {}
