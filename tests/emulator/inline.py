"""answerInlineQuery with the checks that the real server makes of results."""

from __future__ import annotations

from .args import Args
from .core import Core
from .errors import Json, bad_request
from .markup import formatted, utf16_length
from .methods import method
from .sending import TEXT_LIMIT

MOST_RESULTS, RESULT_ID_BYTES = 50, 64


@method("answerInlineQuery")
async def answer_inline_query(core: Core, args: Args) -> bool:
    """At most 50 results, each an object with type and id; no id twice or longer than 64 bytes."""
    results = args.structure("results", "inline query results")
    if not isinstance(results, list):
        raise bad_request("expected an Array of inline query results")
    if len(results) > MOST_RESULTS:
        raise bad_request("too many inline query results specified")
    for result in results:
        _check(result)
    ids = [str(result["id"]) for result in results]
    if any(len(one.encode()) > RESULT_ID_BYTES for one in ids):  # td InlineQueriesManager answer_inline_query
        raise bad_request("RESULT_ID_INVALID")
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    query = core.open_query(args.text("inline_query_id"), "inline")
    query.answer = {"results": results, "button": args.structure("button", "inline query results button")}
    query.answers += 1
    core.ledger.query_answered(args.text("inline_query_id"), "answerinlinequery")
    return True


def _check(result: Json) -> None:
    """An article has a title and a text that could be sent (Client.cpp get_inline_query_result)."""
    if not isinstance(result, dict):
        raise bad_request("can't parse inline query result: Inline query result must be an object")
    for name in ("type", "id"):
        if not result.get(name):
            raise bad_request(f"can't parse inline query result: Can't find field \"{name}\"")
    if result["type"] != "article":
        return
    content = result.get("input_message_content")
    if not result.get("title"):
        raise bad_request("can't parse inline query result: Can't find field \"title\"")
    if not isinstance(content, dict) or not content.get("message_text"):
        raise bad_request("can't parse inline query result: Can't find field \"message_text\"")
    text, _ = formatted(str(content["message_text"]), str(content.get("parse_mode", "")), content.get("entities"))
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
