"""The pictures of the README are drawn from the blocks, and nothing that a post says becomes HTML."""

import shutil
import struct
import zlib
from pathlib import Path

import pytest

from app.channels.slack.blocks import reply, root
from app.models import Reason
from docs import phone
from docs.png import lighten
from tests.channels.factory import NOW, alert, sample, story

HOSTILE = "</p><script>alert(1)</script> <img src=x onerror=y> &lt;b&gt; \" ' *b* <!channel>"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_message_of_a_story_is_drawn_with_each_of_its_blocks(language: phone.Language) -> None:
    for shown in story(language):
        for message in (root(shown, acts=True), reply(shown)):
            drawn = "".join(phone.draw(block, language) for block in message["blocks"])
            assert "<p>[" not in drawn
            assert "&lt;!date" not in drawn
            assert "*" not in drawn


def test_what_a_post_says_stays_text() -> None:
    shown = alert(
        watch=HOSTILE, objective=HOSTILE, by=HOSTILE, note=HOSTILE, reason=Reason.judged, verdict=HOSTILE,
        acknowledged_by=HOSTILE, acknowledged_at=NOW,
        facts={
            "samples": (sample(author=HOSTILE, text=HOSTILE, title=HOSTILE, source=HOSTILE),),
            "sources": ({"name": HOSTILE, "mentions": 9}, {"name": HOSTILE, "mentions": 1}),
            "planned": (HOSTILE,), "deaf": (HOSTILE,),
        },
    )  # fmt: skip
    drawn = "".join(phone.draw(block, "en") for block in root(shown, acts=True)["blocks"])
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert "<!channel" not in drawn
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in drawn


def test_a_date_is_on_the_clock_of_the_phone() -> None:
    at = int(NOW.timestamp())
    assert phone.mrkdwn(f"*since* <!date^{at}^{{time}}|09:30 UTC>", "en") == "<b>since</b> 10:30"
    assert phone.mrkdwn(f"<!date^{at}^{{date_short_pretty}} {{time}}|x>", "fr") == "22 nov. 2026 10:30"


def test_where_there_is_no_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(SystemExit, match="install Chromium"):
        phone.browser()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_a_lighter_picture_shows_the_same(tmp_path: Path) -> None:
    # Two red pixels and two that grow from their neighbours, each row with another filter.
    rows = [
        b"\x00" + bytes([200, 0, 0] * 2),
        b"\x01" + bytes([200, 0, 0, 0, 0, 0]),
        b"\x02" + bytes(6),
        b"\x03" + bytes([100, 0, 0, 0, 0, 0]),
        b"\x04" + bytes([0, 0, 0, 0, 0, 9]),
    ]
    path = tmp_path / "x.png"
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, len(rows), 8, 2, 0, 0, 0))
    packed = chunk(b"IDAT", zlib.compress(b"".join(rows)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + packed + chunk(b"IEND", b""))
    lighten(path)
    raw = path.read_bytes()
    palette = raw[raw.index(b"PLTE") + 4 :][:6]
    drawn = zlib.decompress(raw[raw.index(b"IDAT") + 4 : raw.index(b"IEND") - 8])
    colours = {0: palette[:3], 1: palette[3:6]}
    shown = [[colours[index] for index in drawn[y * 3 + 1 : y * 3 + 3]] for y in range(len(rows))]
    red = bytes([200, 0, 0])
    assert shown == [[red, red]] * 4 + [[red, bytes([200, 0, 9])]]
