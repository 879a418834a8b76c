"""Telegram's HTML, the entities it finds by itself, and lengths in UTF-16 units."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from .errors import Json, bad_request

_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"[^\s=>]*")
_BARE_VALUE = re.compile(r"[A-Za-z0-9.\-]+")
_SPACE = re.compile(r"\s*")
_FOUND = re.compile(
    r"(?P<email>[\w.+-]+@[\w-]+\.[a-zA-Z]{2,})"
    r"|(?P<url>https?://[^\s<>\"]*[^\s<>\".,!?:;)])"
    r"|(?P<bot_command>(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?!\w))"
    r"|(?P<mention>(?<![\w@])@[A-Za-z]\w{3,31})"
    r"|(?P<hashtag>(?<![\w#])#\w*[^\W\d]\w*)"
)


def utf16_length(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


@dataclass(slots=True)
class _Open:
    name: str
    at: int
    attributes: dict[str, str] = field(default_factory=dict)


class _HtmlReader:
    """Reads left to right, as the server does; error offsets are in bytes of the UTF-8 text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pos = 0
        self.out: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        source = self.source
        while self.pos < len(source):
            cut = min((at for at in (source.find("<", self.pos), source.find("&", self.pos)) if at >= 0), default=-1)
            if cut < 0:
                cut = len(source)
            if cut > self.pos:
                self._put(source[self.pos : cut])
                self.pos = cut
            elif source[cut] == "&":
                match = _REFERENCE.match(source, cut)
                self._put(_decode(match) if match else "&")
                self.pos = match.end() if match else cut + 1
            elif source.startswith("</", cut):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise _wrong(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.out), self.entities

    def _put(self, text: str) -> None:
        self.out.append(text)
        self.length += utf16_length(text)

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode())

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.pos)
        text = match.group() if match else ""
        self.pos += len(text)
        return text

    def _peek(self) -> str:
        return self.source[self.pos : self.pos + 1]

    def _start_tag(self) -> None:
        begin = self.pos
        self.pos += 1
        name = self._match(_NAME).lower()
        if not self._peek():
            raise _wrong(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if name not in _SIMPLE:
            raise _wrong(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        tag = _Open(name, self.length)
        while True:
            self._match(_SPACE)
            if self._peek() == ">":
                break
            self._attribute(tag, begin)
        self.pos += 1
        if name == "span" and tag.attributes.get("class") != "tg-spoiler":
            raise _wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self.open.append(tag)

    def _attribute(self, tag: _Open, begin: int) -> None:
        if not self._peek():
            raise _wrong(f"Unclosed start tag at byte offset {self._byte(begin)}")
        attribute = self._match(_ATTRIBUTE).lower()
        if not attribute:
            raise _wrong(f'Empty attribute name in the tag "{tag.name}" at byte offset {self._byte(begin)}')
        self._match(_SPACE)
        if self._peek() != "=":
            tag.attributes[attribute] = ""
            return
        self.pos += 1
        self._match(_SPACE)
        quote = self._peek()
        if quote in {'"', "'"} and quote:
            end = self.source.find(quote, self.pos + 1)
            if end < 0:
                raise _wrong(f"Unclosed start tag at byte offset {self._byte(begin)}")
            value = _REFERENCE.sub(_decode, self.source[self.pos + 1 : end])
            self.pos = end + 1
        else:
            value = self._match(_BARE_VALUE)
            if not value or self._peek() not in {" ", ">", "\n", "\t"}:
                raise _wrong(f"Unexpected end of name token at byte offset {self._byte(begin)}")
        tag.attributes[attribute] = value

    def _end_tag(self) -> None:
        begin = self.pos
        if not self.open:
            raise _wrong(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self.pos += 2
        name = self._match(_NAME).lower()
        self._match(_SPACE)
        if self._peek() != ">":
            raise _wrong(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self.pos += 1
        tag = self.open.pop()
        if name and name != tag.name:
            where = self._byte(begin)
            raise _wrong(f'Unmatched end tag at byte offset {where}, expected "</{tag.name}>", found "</{name}>"')
        if self.length > tag.at:
            self._close(tag)

    def _close(self, tag: _Open) -> None:
        entity: Json = {"type": _SIMPLE[tag.name], "offset": tag.at, "length": self.length - tag.at}
        if tag.name == "a":
            url = tag.attributes.get("href") or self._inner(tag)
            if not re.match(r"(https?|tg|ton|mailto|tel):|[\w-]+(\.[\w-]+)+", url):
                return
            entity["url"] = url if re.match(r"\w+:", url) else f"http://{url}/"
        elif tag.name == "tg-emoji":
            entity["custom_emoji_id"] = tag.attributes.get("emoji-id", "0")
        elif tag.name == "blockquote" and "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        elif tag.name == "code" and self.open and self.open[-1].name == "pre":
            self.open[-1].attributes["language"] = tag.attributes.get("class", "").removeprefix("language-")
            return
        elif tag.name == "pre" and tag.attributes.get("language"):
            entity["language"] = tag.attributes["language"]
        self.entities.append(entity)

    def _inner(self, tag: _Open) -> str:
        return "".join(self.out).encode("utf-16-le")[tag.at * 2 :].decode("utf-16-le")


def _decode(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    return html.unescape(f"&#{decimal};" if decimal else f"&#x{hexadecimal};")


def _wrong(message: str) -> Exception:
    return bad_request(f"can't parse entities: {message}")


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Telegram's HTML -> plain text and entities; ApiError 400 "can't parse entities: ..." if malformed."""
    return _HtmlReader(source).read()


def find_entities(text: str) -> list[Json]:
    """Commands, links, mentions, hashtags and addresses that Telegram marks without being asked."""
    if not any(char in text for char in "/@#"):
        return []
    found: list[Json] = []
    for match in _FOUND.finditer(text):
        offset = utf16_length(text[: match.start()])
        found.append({"type": match.lastgroup, "offset": offset, "length": utf16_length(match.group())})
    return found


def _trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    stripped = text.strip()
    if stripped == text:
        return text, entities
    lead = utf16_length(text[: len(text) - len(text.lstrip())])
    total = utf16_length(stripped)
    kept: list[Json] = []
    for entity in entities:
        start = max(0, entity["offset"] - lead)
        end = min(total, entity["offset"] + entity["length"] - lead)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return stripped, kept


def formatted(source: str, parse_mode: str, entities: list[Json] | None) -> tuple[str, list[Json]]:
    """Text as sent -> text as shown with its entities, parsed and trimmed (Client.cpp get_formatted_text)."""
    if len(source.encode()) > 1 << 15:
        raise bad_request("text is too long")
    mode = parse_mode.lower()
    if source and mode and mode != "none":
        if mode in {"markdown", "markdownv2"}:
            raise bad_request("the emulator does not parse Markdown; use HTML")
        if mode != "html":
            raise bad_request("unsupported parse_mode")
        text, marked = parse_html(source)
    else:
        text, marked = source, list(entities or [])
    text, marked = _trim(text, marked)
    taken = [(entity["offset"], entity["offset"] + entity["length"]) for entity in marked]
    for entity in find_entities(text):
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if not any(start < right and left < end for left, right in taken):
            marked.append(entity)
    marked.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return text, marked
