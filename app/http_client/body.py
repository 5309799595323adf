"""The body of an answer, unpacked piece by piece so that a bomb goes off in our hands and not in memory."""

import zlib
from collections.abc import Iterable, Iterator

from app.errors import SourceError

_PIECE = 65_536


def read_body(chunks: Iterable[bytes], encoding: str, *, max_bytes: int, where: str) -> bytes:
    """The whole body, unpacked; a SourceError if it is larger than `max_bytes`, broken or cut short."""
    content = bytearray()
    for piece in _unpacked(chunks, encoding.strip().lower(), where):
        content += piece
        if len(content) > max_bytes:
            raise SourceError(
                f"{where} gives more than {max_bytes:,} bytes. Check that the address is right."
            )
    return bytes(content)


def _unpacked(chunks: Iterable[bytes], encoding: str, where: str) -> Iterator[bytes]:
    if encoding in ("", "identity"):
        yield from chunks
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):  # this refuses gzip within gzip, too
        raise SourceError(f"{where} packs its answer as {encoding[:40]!r}, which was not asked for.")
    unpacker, empty = zlib.decompressobj(wbits=47), True  # 47: gzip or zlib, as it comes
    try:
        for chunk in chunks:
            empty = empty and not chunk
            rest = chunk
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _PIECE)
                rest = unpacker.unconsumed_tail
    except zlib.error as error:
        raise SourceError(f"{where} gives packed data that is broken.") from error
    if not (unpacker.eof or empty):
        raise SourceError(f"{where} gives packed data that is cut short.")
