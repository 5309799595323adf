"""Pictures known again: copies have nearly one fingerprint, others do not, and hostile files have none."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from random import Random
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from app.reading.pictures import NEAR, fingerprint, folded, same


def scene(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A picture of many shapes, another for each seed."""
    draw_of = Random(seed)
    picture = Image.new("RGB", size, _colour(draw_of))
    draw = ImageDraw.Draw(picture)
    for _ in range(25):
        x, y = draw_of.randrange(size[0]), draw_of.randrange(size[1])
        box = (x - draw_of.randrange(15, 120), y - 60, x + draw_of.randrange(15, 120), y + 60)
        (draw.ellipse if draw_of.random() < 0.5 else draw.rectangle)(box, fill=_colour(draw_of))
    return picture


def _colour(draw_of: Random) -> tuple[int, int, int]:
    return draw_of.randrange(256), draw_of.randrange(256), draw_of.randrange(256)


def file(picture: Image.Image, form: str = "JPEG", **how: Any) -> bytes:  # noqa: ANN401 - as Pillow takes it
    """The picture as a file."""
    written = BytesIO()
    picture.save(written, form, **how)
    return written.getvalue()


def _written_on(picture: Image.Image) -> Image.Image:
    ImageDraw.Draw(picture).text((20, 20), "BOYCOTT VELINOR", fill="white", font_size=40)
    return picture


COPIES: dict[str, Callable[[Image.Image], bytes]] = {
    "packed hard": lambda picture: file(picture, quality=30),
    "half as large": lambda picture: file(picture.resize((320, 240))),
    "as PNG": lambda picture: file(picture, "PNG"),
    "as WebP": lambda picture: file(picture, "WEBP", quality=40),
    "as GIF": lambda picture: file(picture, "GIF"),
    "pale": lambda picture: file(Image.eval(picture, lambda value: 60 + value * 2 // 3)),
    "grey": lambda picture: file(picture.convert("L")),
    "cropped a little": lambda picture: file(picture.crop((10, 8, 630, 472))),
    "written on": lambda picture: file(_written_on(picture)),
}


def apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def test_copies_are_near_and_other_pictures_are_far() -> None:
    prints = [fingerprint(file(scene(seed))) for seed in range(12)]
    assert min(apart(a, b) for i, a in enumerate(prints) for b in prints[:i]) > 2 * NEAR
    for name, copy in COPIES.items():
        assert max(apart(prints[seed], fingerprint(copy(scene(seed)))) for seed in range(6)) <= NEAR, name


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says that it is so large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1_000))) + chunk(b"IEND", b"")


def test_what_is_no_picture_or_made_to_harm_has_no_fingerprint() -> None:
    whole = file(scene(1))
    hostile = {
        "nothing": b"", "words": b"<html>not here</html>", "a bomb": bomb(60_000, 60_000),
        "a long bomb": bomb(2**31 - 1, 1), "nought": bomb(0, 0), "small": file(scene(1, (32, 32)), "PNG"),
        "one colour": file(Image.new("RGB", (400, 400), "red")), "a head alone": whole[:40],
        "a drawing of lines": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "TIFF": file(scene(1), "TIFF"),
    }  # fmt: skip
    assert {name: fingerprint(content) for name, content in hostile.items() if fingerprint(content)} == {}
    draw = Random(7)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(20):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        fingerprint(bytes(broken))  # whatever it is, it does not break


def test_posts_with_one_picture_are_of_one_group() -> None:
    one, copy, other = (
        fingerprint(made) for made in (file(scene(1)), COPIES["written on"](scene(1)), file(scene(2)))
    )
    shared = same([[one], [], [other], [other, copy], ["x"], [one, one]])
    assert shared[0] == shared[3] == shared[5] >= 0
    assert shared[1] == shared[4] == -1
    assert same([[one, one], []]).tolist() == [-1, -1]
    assert same([]).tolist() == []


def test_what_shows_a_picture_again_is_folded_into_the_first_that_did() -> None:
    group, organic = np.array([0, 1, 1, 2, 3]), np.array([True, True, False, True, True])
    folded_group, folded_organic = folded(group, organic, np.array([-1, 0, -1, 0, -1]))
    assert folded_group.tolist() == [0, 1, 1, 1, 3]
    assert folded_organic.tolist() == [True, True, False, False, True]
    untouched = folded(group, organic, np.full(5, -1))
    assert (untouched[0].tolist(), untouched[1].tolist()) == (group.tolist(), organic.tolist())
