"""A small OGG/Opus file without sound, whole and valid in its structure."""

from __future__ import annotations


def ogg_opus(seconds: float = 2.0, skipped: int = 312) -> bytes:
    """Header, comment and one page that ends after `seconds`."""
    head = b"OpusHead" + bytes([1, 1]) + skipped.to_bytes(2, "little") + (48_000).to_bytes(4, "little") + bytes(3)
    tags = b"OpusTags" + (4).to_bytes(4, "little") + b"test" + bytes(4)
    silence = b"\xf8\xff\xfe" * 20
    end = skipped + int(seconds * 48_000)
    return _page(0, 0, head, 2) + _page(1, 0, tags, 0) + _page(2, end, silence, 4)


def _page(number: int, granule: int, content: bytes, flags: int) -> bytes:
    sizes = [*([255] * (len(content) // 255)), len(content) % 255]
    start = b"OggS" + bytes([0, flags]) + granule.to_bytes(8, "little") + (1).to_bytes(4, "little")
    start += number.to_bytes(4, "little")
    rest = bytes([len(sizes), *sizes]) + content
    return start + _crc(start + bytes(4) + rest).to_bytes(4, "little") + rest


def _crc(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = ((value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value
