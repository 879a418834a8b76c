"""Forms with a file. The file is read in memory and, above a megabyte, in a nameless file of the system."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

FIELDS = 20
PATIENCE = 10
"""So many times the limit is read and thrown away, since a browser shows our answer only when all is sent."""


class _EndlessError(Exception):
    """It does not stop."""


async def read_upload(request: Request, largest: int) -> tuple[dict[str, str], bytes, bool]:
    """The fields, the file, and whether it is too large; then only the fields before it are there.

    A broken form has no fields, so that it is refused for its missing token.
    """
    read = 0

    async def counted() -> AsyncGenerator[bytes, None]:
        nonlocal read
        async for part in request.stream():
            kept = part[: max(0, largest - read)]
            read += len(part)
            if read > PATIENCE * largest:
                raise _EndlessError
            if kept:
                yield kept

    parser = MultiPartParser(request.headers, counted(), max_files=1, max_fields=FIELDS)
    try:
        form = await parser.parse()
    except (MultiPartException, _EndlessError):
        return {}, b"", False
    fields = {name: value.replace("\x00", "") for name, value in form.multi_items() if isinstance(value, str)}
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    content = await files[0].read() if files and read <= largest else b""
    await form.close()
    return fields, content, read > largest
