"""getUpdates. C++ places are in tdlib/telegram-bot-api @01a3679, telegram-bot-api/."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.emulator import Emulator
from tests.emulator.polling import ANSWER_BYTES

from .conftest import USER, Api


def _texts(updates: list[dict[str, dict[str, str]]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_limit_is_moved_into_1_to_100(emu: Emulator, api: Api) -> None:
    """Rule "getUpdates limit": 1-100, default 100. Client.cpp 15708 get_integer_arg."""
    emu.feed(150, chats=3)
    assert [
        len(await api.ok("getUpdates", offset=-200 + step, limit=limit)) for step, limit in enumerate((1000, 7, 0))
    ] == [
        100,
        7,
        1,
    ]


async def test_long_poll_ends_when_an_update_comes(emu: Emulator, api: Api) -> None:
    """Rule "long poll": held until an update is there. Client.cpp do_get_updates 16386, long_poll_wakeup."""
    poll = asyncio.create_task(api.ok("getUpdates", timeout=20))
    await asyncio.sleep(0.1)
    emu.send_text(USER, "hello")
    assert _texts(await asyncio.wait_for(poll, 1)) == ["hello"]


async def test_long_poll_ends_empty_after_its_timeout(api: Api) -> None:
    """Rule "long poll": an empty list after `timeout` (<= 50 s). Client.cpp 15709, Client.h 1610."""
    start = time.monotonic()
    assert await api.ok("getUpdates", timeout=1) == []
    assert 0.9 < time.monotonic() - start < 2


async def test_answer_is_at_most_4_mib(emu: Emulator, api: Api) -> None:
    """Rule "answer size": 4 MiB. Client.cpp JsonUpdates, `1 << 22`."""
    for _ in range(90):
        emu.raw_update({"message": {"text": "x" * 60_000}})
    answer = await api.raw("getUpdates")
    assert len(answer.content) <= ANSWER_BYTES
    assert len(answer.json()["result"]) == 69


async def test_offset_deletes_everything_below(emu: Emulator, api: Api) -> None:
    """Rule "offset": confirms what is below it. Client.cpp do_get_updates 16321."""
    emu.feed(5, chats=1)
    updates = await api.ok("getUpdates")
    assert _texts(await api.ok("getUpdates", offset=updates[2]["update_id"])) == ["m3", "m4", "m5"]
    assert emu.stats()["acknowledged"] == 2
    assert len(await api.ok("getUpdates", offset=0)) == 3


async def test_offset_not_moved_gives_the_same_again(emu: Emulator, api: Api) -> None:
    """Rule "offset": not moved = the same updates again. Client.cpp do_get_updates 16321."""
    emu.feed(3, chats=1)
    first = await api.ok("getUpdates")
    await asyncio.sleep(0.55)
    assert await api.ok("getUpdates") == first
    assert emu.stats()["redelivered"] == 3


async def test_negative_offset_keeps_the_last(emu: Emulator, api: Api) -> None:
    """Rule "offset": negative = only the last n are kept. Client.cpp 16327 tqueue clear."""
    emu.feed(10, chats=2)
    assert _texts(await api.ok("getUpdates", offset=-2)) == ["m9", "m10"]
    assert emu.stats()["pending"] == 2


async def test_offset_far_in_the_future_confirms_nothing(emu: Emulator, api: Api) -> None:
    """Rule "offset": more than 10 beyond the end counts as none. Client.cpp 16354 (`!is_ok`), TQueue get."""
    emu.feed(3, chats=1)
    assert len(await api.ok("getUpdates", offset=2_000_000_000)) == 3


async def test_same_offset_within_half_a_second_gives_one(emu: Emulator, api: Api) -> None:
    """Rule "same offset asked again < 0.5 s": limit becomes 1. Client.cpp 15717."""
    emu.feed(5, chats=1)
    assert len(await api.ok("getUpdates", offset=1)) == 5
    assert len(await api.ok("getUpdates", offset=1)) == 1


async def test_same_offset_within_three_seconds_waits(api: Api) -> None:
    """Rule "same offset asked again < 3 s": the timeout is raised to 3 s. Client.cpp 15714."""
    await api.ok("getUpdates", offset=1)
    start = time.monotonic()
    await api.ok("getUpdates", offset=1)
    assert 2.8 < time.monotonic() - start < 4


async def test_second_poller_ends_the_first(emu: Emulator, api: Api) -> None:
    """Rule "second poller": the first gets 409, the second the updates. Client.cpp abort_long_poll 16225."""
    first = asyncio.create_task(api.refused("getUpdates", timeout=20))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(api.ok("getUpdates", timeout=20, offset=1))
    code, description = await asyncio.wait_for(first, 2)
    assert code == 409
    assert description.startswith("Conflict: terminated by other getUpdates request")
    emu.send_text(USER, "x")
    assert len(await second) == 1


async def test_conflicts_are_told_every_three_seconds(api: Api) -> None:
    """Rule "conflicts answered at most every 3 s". Client.cpp fail_query_conflict 16232."""
    await api.ok("setWebhook", url="http://127.0.0.1:9/x")
    start = time.monotonic()
    assert (await api.refused("getUpdates"))[0] == 409
    assert time.monotonic() - start < 1
    assert (await api.refused("getUpdates"))[0] == 409
    assert 2.8 < time.monotonic() - start < 4.5


async def test_conflict_while_a_webhook_is_set(api: Api) -> None:
    """Rule "second poller": also 409 while a webhook is set. Client.cpp 15703."""
    await api.ok("setWebhook", url="http://127.0.0.1:9/x")
    code, description = await api.refused("getUpdates")
    assert (code, "can't use getUpdates method while webhook is active" in description) == (409, True)


async def test_set_webhook_ends_a_waiting_poll(api: Api) -> None:
    """Rule "second poller": setWebhook, too, ends it. Client.cpp 15780 abort_long_poll(true)."""
    poll = asyncio.create_task(api.refused("getUpdates", timeout=20))
    await asyncio.sleep(0.1)
    await api.ok("setWebhook", url="http://127.0.0.1:9/x")
    assert await asyncio.wait_for(poll, 2) == (409, "Conflict: terminated by setWebhook request")


async def test_messages_are_kept_24_hours(emu: Emulator, api: Api) -> None:
    """Rule "retention": message date + 86,400 s. Client.cpp add_message_update 17053."""
    emu.send_text(USER, "old")
    emu.advance(86_390)
    assert len(await api.ok("getUpdates", limit=5)) == 1
    emu.advance(20)
    assert await api.ok("getUpdates", limit=6, offset=1) == []
    assert (emu.stats()["expired"], emu.stats()["lost"]) == (1, 1)


async def test_callback_queries_are_kept_150_seconds(emu: Emulator, api: Api) -> None:
    """Rule "retention": callback queries 150 s. Client.cpp 17155-17158."""
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    await api.say("sure?", reply_markup=keyboard)
    emu.press(USER, "Yes")
    emu.advance(149)
    assert len(await api.ok("getUpdates")) == 1
    emu.advance(2)
    assert await api.ok("getUpdates", offset=1) == []


async def test_allowed_updates_hold_for_what_comes_later(emu: Emulator, api: Api) -> None:
    """Rule allowed_updates: applied when an update is made, kept until given anew. Client.cpp 16966-16975."""
    emu.send_text(USER, "before")
    await api.ok("getUpdates", allowed_updates=["callback_query"])
    emu.send_text(USER, "not wanted")
    await api.ok("getUpdates", offset=1, allowed_updates=[])
    emu.send_text(USER, "wanted")
    assert _texts(await api.ok("getUpdates", offset=2)) == ["before", "wanted"]


@pytest.mark.parametrize("kind", ["chat_member", "message_reaction"])
async def test_some_kinds_are_off_by_default(emu: Emulator, kind: str) -> None:
    """Rule allowed_updates: chat_member and reactions only on demand. Client.h 1456."""
    assert emu.core.push(kind, {}, chat_id=USER) is None
    emu.core.allowed = frozenset({kind})
    assert emu.core.push(kind, {}, chat_id=USER) is not None


async def test_queue_holds_100_000(emu: Emulator) -> None:
    """TQueue MAX_QUEUE_EVENTS: what is beyond is lost."""
    emu.core.queue._limit = 10
    emu.feed(12, chats=2)
    assert (emu.stats()["pending"], emu.stats()["queue_full"]) == (10, 2)
