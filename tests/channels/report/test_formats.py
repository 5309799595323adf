"""Reports as Markdown, a page and a PDF: the same in each, and what strangers wrote stays text."""

import re
import sys
import zlib
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from app.channels.report import pdf as setting
from app.channels.report.formats import drawn, file_name
from app.channels.report.page import POLICY
from app.errors import Unavailable
from app.models import State, VerdictWord
from tests.channels.report.reports import STORY, WEEK, story_of
from tests.pipeline.reports.burnt import HOSTILE

FORMS = ("md", "html", "pdf")


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def tags_of(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def inside(made: bytes) -> bytes:
    """The PDF with its streams unpacked."""
    parts = [made]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", made, re.DOTALL):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue  # a font or a picture
    return b"\n".join(parts)


def test_each_format_says_the_same_in_each_language() -> None:
    for language, words in (
        ("en", ("Fire report · Nimbus", "4,417 mentions", "What was missed", "lot 4417")),
        ("fr", ("Bilan du feu · Nimbus", "4\u202f417 mentions", "Ce qui a manqué", "lot 4417")),
    ):
        markdown = drawn(STORY, language, "md").decode()
        page = "".join(tags_of(drawn(STORY, language, "html").decode()).said)
        for word in words:
            assert word in markdown, word
            assert word in page, word


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = drawn(STORY, "fr", "html").decode()
    tags = tags_of(page)
    assert ("html", {"lang": "fr"}) in tags.found
    assert POLICY in page
    kinds = {tag for tag, _ in tags.found}
    assert not kinds & {"script", "img", "iframe", "link", "form", "object", "embed", "image", "use"}
    names = {name for _, attributes in tags.found for name in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"src", "style", "srcset"}
    (picture,) = (attributes for tag, attributes in tags.found if tag == "svg")
    assert "Mentions par 15 min" in (picture["aria-label"] or "").replace("\xa0", " ")
    quotes = [attributes for tag, attributes in tags.found if tag == "blockquote"]
    assert [quote["lang"] for quote in quotes] == ["fr", "ar-EG"]
    assert all(quote["dir"] == "auto" for quote in quotes)


def test_the_pdf_is_tagged_and_in_its_language() -> None:
    made = drawn(STORY, "fr", "pdf")
    whole = inside(made)
    assert made.startswith(b"%PDF-1.7")
    assert b"/Lang(fr)" in whole
    assert b"pdfuaid:part" in whole
    assert b"/StructTreeRoot" in whole
    assert b"/Alt" in whole, "the curve in words"


def test_what_strangers_wrote_stays_text_in_each_format() -> None:
    for text in HOSTILE:
        report = story_of(text)
        page = drawn(report, "en", "html").decode()
        tags = tags_of(page)
        assert "script" not in {tag for tag, _ in tags.found}
        links = [attributes["href"] for tag, attributes in tags.found if tag == "a"]
        assert links == [], "an address that is none leads nowhere"
        markdown = drawn(report, "en", "md").decode()
        assert not re.search(r"(?<!\\)[<\[](?!\d)", re.sub(r"^> ?", "", markdown, flags=re.MULTILINE))
        assert "https://evil" not in markdown
        made = drawn(report, "en", "pdf")
        whole = inside(made)
        assert b"root:" not in whole
        assert not re.search(rb"/(JavaScript|Launch|EmbeddedFile|URI|SubmitForm)\b", whole)
        assert all(len(one) < 1_000_000 for one in (page.encode(), markdown.encode(), made))
        for one in (page, markdown):
            assert not {"\x00", "\x1b", "\u202e"} & set(one)


def test_a_sign_that_no_font_has_is_shown_as_a_box_and_said() -> None:
    plain = inside(drawn(WEEK, "en", "pdf"))
    boxed = inside(drawn(replace(WEEK, watch="Nimbus \U0001f525 \u4e2d\u6587"), "en", "pdf"))
    assert b"pdfuaid:part" in boxed, "each sign in it has a shape"
    assert boxed.count(b"/S/P") == plain.count(b"/S/P") + 1, "what a box stands for is a paragraph more"


def test_a_pdf_that_fails_says_what_to_do_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(setting, "_SECONDS", 0.001)
        with pytest.raises(Unavailable, match=r"take it as a page \(html\)"):
            drawn(WEEK, "en", "pdf")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(Unavailable, match=r"Take the report as a page \(html\)"):
        drawn(WEEK, "en", "pdf")


def test_a_report_of_a_fire_that_burns_or_was_none_says_so() -> None:
    burning = replace(STORY, out_at=None, state=State.burning, acknowledged_at=None, verdict=None)
    assert "Interim report" in drawn(burning, "en", "md").decode()
    assert "nobody took it in hand" in drawn(burning, "en", "md").decode()
    quiet = replace(STORY, alert_at=None, alerted=False, verdict=VerdictWord.false_alarm)
    assert "Report of a false alarm" in drawn(quiet, "en", "md").decode()
    assert "nobody was alerted" in drawn(quiet, "en", "md").decode()


def test_files_are_named_by_what_they_tell() -> None:
    assert file_name(STORY, "pdf") == "tocsin-incident-7.pdf"
    assert file_name(WEEK, "md") == "tocsin-watch-1-2026-W47.md"
