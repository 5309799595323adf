"""A browser's PNG made smaller: a few colours are enough for text, and its file is then a third as large."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_HEAD = b"\x89PNG\r\n\x1a\n"
_COLOURS = 48


def lighten(path: Path) -> None:
    """Rewrite the picture, of eight bits for each of red, green and blue, with a palette."""
    pixels = _read(path.read_bytes())
    high, wide, _ = pixels.shape
    colours, which, counts = np.unique(
        pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True
    )  # fmt: skip
    palette = colours[np.argsort(-counts)[:_COLOURS]]
    far = ((colours[:, None].astype(int) - palette[None].astype(int)) ** 2).sum(axis=2)
    drawn = far.argmin(axis=1).astype(np.uint8)[which].reshape(high, wide)
    rows = np.insert(drawn, 0, 0, axis=1)  # each begins with the number of its filter: none
    path.write_bytes(
        _HEAD
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0))
        + _chunk(b"PLTE", palette.tobytes())
        + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_HEAD)
    while at < len(raw):
        (length,) = struct.unpack_from(">I", raw, at)
        yield raw[at + 4 : at + 8], raw[at + 8 : at + 8 + length]
        at += length + 12


def _read(raw: bytes) -> NDArray[np.uint8]:
    """Red, green and blue by row and column."""
    chunks = list(_chunks(raw))
    wide, high, *kind = struct.unpack(">IIBBBBB", next(body for name, body in chunks if name == b"IHDR"))
    if kind != [8, 2, 0, 0, 0]:
        raise ValueError(f"a PNG of another kind was expected: {kind}")
    packed = b"".join(body for name, body in chunks if name == b"IDAT")
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(high, 1 + 3 * wide)
    drawn = np.zeros((high + 1, 3 * wide), np.uint8)  # above the first row is an empty one
    for y, row in enumerate(rows, start=1):
        drawn[y] = _unfiltered(int(row[0]), row[1:], drawn[y - 1])
    return drawn[1:].reshape(high, wide, 3)


def _unfiltered(kind: int, row: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The bytes of a row, each written as the difference from what its left and upper neighbours foretell."""
    if kind == 0:
        return row
    if kind == 2:
        return row + above
    if kind == 1:
        return np.cumsum(row.reshape(-1, 3), axis=0, dtype=np.uint8).ravel()
    up = above.tolist()
    told = row.tolist()
    for x, difference in enumerate(told):
        left, corner = (told[x - 3], up[x - 3]) if x >= 3 else (0, 0)
        if kind == 3:
            foretold = (left + up[x]) // 2
        else:  # the neighbour that is nearest to left + up - corner
            from_left, from_up, from_corner = (
                abs(up[x] - corner),
                abs(left - corner),
                abs(left + up[x] - 2 * corner),
            )
            nearer = up[x] if from_up <= from_corner else corner
            foretold = left if from_left <= min(from_up, from_corner) else nearer
        told[x] = difference + foretold & 255
    return np.array(told, np.uint8)
