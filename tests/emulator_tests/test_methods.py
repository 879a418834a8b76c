"""Requests in general, queries, the bot's own texts, chats."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.emulator import Emulator

from .conftest import USER, Api

KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}


@pytest.mark.parametrize("name", ["getMe", "GETME", "getme"])
async def test_method_names_ignore_case(api: Api, name: str) -> None:
    """Query.cpp: the method is made lower-case."""
    assert (await api.ok(name))["is_bot"] is True


async def test_unknown_method(api: Api) -> None:
    """404. Client.cpp on_cmd."""
    assert await api.refused("fly") == (404, "Not Found: method not found")


@pytest.mark.parametrize(
    ("token", "description"),
    [
        ("nonsense", "Unauthorized: invalid token specified"),
        ("0:x", "Unauthorized: invalid token specified"),
        ("7654321:OTHER", "Unauthorized"),
    ],
)
async def test_wrong_token(emu: Emulator, token: str, description: str) -> None:
    """401. ClientManager.cpp 74-84."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{emu.bot_base_url}{token}/getMe")
    assert (answer.status_code, answer.json()["description"]) == (401, description)


async def test_other_paths(emu: Emulator) -> None:
    """404. HttpConnection.cpp 34."""
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{emu.base_url}/")).json()["error_code"] == 404


async def test_every_way_to_pass_arguments(emu: Emulator, api: Api) -> None:
    """Query string, form, multipart and JSON mean the same; nested values may be strings. HttpReader, Query."""
    url, client, markup = (
        api.base + "sendMessage",
        api.client,
        '{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}',
    )
    values = {"chat_id": str(USER), "text": "x", "reply_markup": markup}
    answers = [
        await client.get(url, params=values),
        await client.post(url, data=values),
        await client.post(url, json=values),
        await client.post(url, files={name: (None, value) for name, value in values.items()}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [message.buttons for message in emu.view(USER).bot_messages] == [["a"]] * 4


async def test_broken_body(api: Api) -> None:
    answer = await api.client.post(api.base + "getMe", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "method", ["sendMessage", "editMessageText", "deleteMessage", "setMyCommands", "sendMediaGroup"]
)
@pytest.mark.parametrize("value", [7, "x", [1], {"a": 1}, True, None])
async def test_nonsense_is_refused_not_crashed(api: Api, method: str, value: Any) -> None:
    names = ("text", "reply_markup", "reply_parameters", "entities", "message_id", "commands", "media", "scope")
    answer = await api.raw(method, chat_id=USER, **dict.fromkeys(names, value))
    assert answer.status_code in {200, 400}


async def test_answer_callback_query(emu: Emulator, api: Api) -> None:
    await api.say("?", reply_markup=KEYBOARD)
    query = emu.press(USER, "Yes")["callback_query"]
    await api.ok("answerCallbackQuery", callback_query_id=query["id"], text="done", show_alert=True)
    assert emu.view(USER).alerts == [{"id": query["id"], "text": "done", "show_alert": True}]
    assert emu.stats()["answered"] == 1


async def test_answer_callback_query_too_late(emu: Emulator, api: Api) -> None:
    """QUERY_ID_INVALID after 150 s. Client.cpp 146, 17155."""
    await api.say("?", reply_markup=KEYBOARD)
    query = emu.press(USER, data="y")["callback_query"]
    emu.advance(151)
    refused = await api.refused("answerCallbackQuery", callback_query_id=query["id"])
    text = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert refused == (400, text)
    assert await api.refused("answerCallbackQuery", callback_query_id="1") == (400, text)


async def test_answer_inline_query(emu: Emulator, api: Api) -> None:
    query_id = emu.inline_query(USER, "visa")["inline_query"]["id"]
    result = {"type": "article", "id": "1", "title": "Visa", "input_message_content": {"message_text": "x"}}
    await api.ok("answerInlineQuery", inline_query_id=query_id, results=[result])
    answer = emu.inline_answer(query_id)
    assert answer is not None
    assert answer["results"] == [result]
    assert (await api.refused("answerInlineQuery", inline_query_id=query_id, results=[result] * 51))[0] == 400
    assert (await api.refused("answerInlineQuery", inline_query_id=query_id, results=[{"id": "1"}]))[0] == 400


@pytest.mark.parametrize(
    ("changes", "description"),
    [
        ({"id": "x" * 65}, "Bad Request: RESULT_ID_INVALID"),
        ({"title": ""}, "Bad Request: can't parse inline query result: Can't find field \"title\""),
        ({"input_message_content": {"message_text": "x" * 4097}}, "Bad Request: message is too long"),
    ],
    ids=["id of 65 bytes", "no title", "long text"],
)
async def test_wrong_inline_results(emu: Emulator, api: Api, changes: dict[str, Any], description: str) -> None:
    query_id = emu.inline_query(USER, "visa")["inline_query"]["id"]
    result = {"type": "article", "id": "1", "title": "Visa", "input_message_content": {"message_text": "x"}}
    refused = await api.refused("answerInlineQuery", inline_query_id=query_id, results=[result | changes])
    assert refused == (400, description)
    twice = await api.refused("answerInlineQuery", inline_query_id=query_id, results=[result, result])
    assert twice == (400, "Bad Request: RESULT_ID_DUPLICATE")


async def test_a_chosen_inline_result_is_sent_by_the_person(emu: Emulator, api: Api) -> None:
    emu.add_group(-100123, members=[USER])
    query_id = emu.inline_query(USER, "visa")["inline_query"]["id"]
    content = {"message_text": "<b>x</b>", "parse_mode": "HTML"}
    result = {"type": "article", "id": "1", "title": "Visa", "input_message_content": content}
    await api.ok("answerInlineQuery", inline_query_id=query_id, results=[result])
    sent = emu.choose_inline(USER, query_id, "1", -100123)
    assert (sent["from"]["id"], sent["text"], sent["via_bot"]["is_bot"]) == (USER, "x", True)


async def test_commands_by_scope_and_language(api: Api) -> None:
    commands = [{"command": "help", "description": "ຊ່ວຍ"}]
    await api.ok("setMyCommands", commands=commands, language_code="lo")
    assert await api.ok("getMyCommands", language_code="lo") == commands
    assert await api.ok("getMyCommands") == []
    await api.ok("deleteMyCommands", language_code="lo")
    assert await api.ok("getMyCommands", language_code="lo") == []


@pytest.mark.parametrize(
    ("command", "description"),
    [
        ({"command": "Help", "description": "x"}, "Bad Request: BOT_COMMAND_INVALID"),
        ({"command": "help", "description": ""}, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_wrong_commands(api: Api, command: dict[str, str], description: str) -> None:
    assert await api.refused("setMyCommands", commands=[command]) == (400, description)


@pytest.mark.parametrize(("field", "limit"), [("name", 64), ("description", 512), ("short_description", 120)], ids=str)
async def test_own_texts(api: Api, field: str, limit: int) -> None:
    name = field.title().replace("_", "")
    await api.ok(f"setMy{name}", **{field: "default"})
    await api.ok(f"setMy{name}", **{field: "x" * limit}, language_code="lo")
    assert await api.ok(f"getMy{name}", language_code="th") == {field: "default"}
    assert await api.ok(f"getMy{name}", language_code="lo") == {field: "x" * limit}
    assert (await api.refused(f"setMy{name}", **{field: "x" * (limit + 1)}))[0] == 400


async def test_chats_and_members(emu: Emulator, api: Api) -> None:
    emu.add_group(-100123, "Helpers", [USER], username="helpers")
    assert (await api.ok("getChat", chat_id="@helpers"))["title"] == "Helpers"
    statuses = [
        (await api.ok("getChatMember", chat_id=-100123, user_id=user))["status"]
        for user in (USER, 1002, emu.core.world.bot.id)
    ]
    assert statuses == ["member", "left", "member"]
    await api.ok("leaveChat", chat_id=-100123)
    assert (await api.refused("leaveChat", chat_id=-100123))[0] == 403
    assert (await api.refused("leaveChat", chat_id=USER))[0] == 400
