"""An item's own title and text: not those of what stands inside it."""

import pytest

from tests.sources.feed.feeds import read, told

MEDIA = "xmlns:media='http://search.yahoo.com/mrss/'"
TITLE, TEXT = "<title>Kettle recalled</title>", "<description>It melts on the stove.</description>"
GUID = "<guid>g</guid>"
INSIDE = {
    "a picture": "<image><url>https://n.example/a.png</url><title>Thumb</title><description>d</description></image>",
    "a card": "<og><type>article</type><title>Short</title><description>In short</description></og>",
    "an author": "<author><name>N. N.</name><title>Editor</title></author>",
    "a caption": "<media:content url='https://n.example/a.png'><media:title>Stove</media:title>"
    "<media:description type='plain'>A kitchen</media:description></media:content>",
    "a caption deep down": "<media:group><media:content url='https://n.example/a.png'>"
    "<media:description type='plain'>A kitchen</media:description></media:content></media:group>",
    "a thumbnail": "<media:thumbnail url='https://n.example'><media:title>S</media:title></media:thumbnail>",
    "a related post": "<related><one><title>Toaster</title><guid>o</guid></one></related>",
    "a place": "<place><title>Lille</title><link>https://maps.example/</link></place>",
}  # fmt: skip


@pytest.mark.parametrize("inside", INSIDE.values(), ids=INSIDE)
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_what_stands_inside_it_takes_the_place_of_nothing(inside: str, first: bool) -> None:
    own = TITLE + TEXT + GUID
    (item,) = read(told(inside + own if first else own + inside, namespaces=MEDIA)).items
    assert (item.title, item.text) == ("Kettle recalled", "It melts on the stove.")
    assert item.external_id == "g"


@pytest.mark.parametrize("inside", INSIDE.values(), ids=INSIDE)
def test_it_is_so_in_broken_xml_too(inside: str) -> None:
    body = told(TITLE + TEXT + GUID + inside, namespaces=MEDIA) + b"<br>"
    (item,) = read(body.replace(b"</channel>", b"<br></channel>")).items
    assert (item.title, item.text) == ("Kettle recalled", "It melts on the stove.")


def test_the_description_of_a_picture_follows_a_post_that_has_no_title() -> None:
    post = "<description>Never again this kettle</description><guid>p</guid>" + INSIDE["a caption"]
    (item,) = read(told(post, namespaces=MEDIA)).items
    assert item.text == "Never again this kettle\n\nStove\n\nA kitchen"


def test_what_is_nothing_but_a_caption_is_the_text() -> None:
    video = f"{TITLE}{GUID}<media:group><media:description>How it burnt</media:description></media:group>"
    (item,) = read(told(video, namespaces=MEDIA)).items
    assert (item.title, item.text) == ("Kettle recalled", "How it burnt")


@pytest.mark.parametrize(
    ("content", "summary", "text"),
    [
        (
            "<p>It melts on the stove, he says.</p>",
            "It melts",
            "It melts on the stove, he says.",
        ),
        ("<img src='a.png'/><p>Photo: N. N.</p>", "It melts on the stove.", "It melts on the stove."),
        ("", "It melts on the stove.", "It melts on the stove."),
        ("<p>It melts.</p>", "", "It melts."),
    ],
)
def test_the_text_is_the_longer_of_content_and_summary(content: str, summary: str, text: str) -> None:
    encoded = f"<content:encoded><![CDATA[{content}]]></content:encoded>"
    item = f"{TITLE}{GUID}<description>{summary}</description>{encoded}"
    names = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    assert [found.text for found in read(told(item, namespaces=names)).items] == [text]


def test_a_post_with_nothing_but_a_text_is_one() -> None:
    batch = read(told("<description>Fire at the works</description>", "<description>Out again</description>"))
    assert [item.text for item in batch.items] == ["Fire at the works", "Out again"]
    assert len({item.external_id for item in batch.items}) == 2


def test_a_quoted_document_type_is_text_and_a_real_one_is_refused() -> None:
    trap = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    (item,) = read(told(f"{TITLE}{GUID}<description><![CDATA[Beware of {trap}]]></description>")).items
    assert item.title == "Kettle recalled"
    with pytest.raises(Exception, match="declares entities"):
        read(told(TITLE + GUID, head=trap))
    with pytest.raises(Exception, match="declares entities"):
        read(told(TITLE + GUID, head="<!-- <a> -->".replace("<a>", "") + trap))


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        (b"Caf\xc3\xa9 br\xc3\xbbl\xc3\xa9, l\xe2\x80\x99\xc3", "Café brûlé, l’\ufffd"),  # cut in a letter
        (b"Caf\xc3\xa9 br\xc3\xbbl\xe9 hier", "Café brûlé hier"),  # a letter of another encoding
        (b"Caf\xe9 br\xfbl\xe9 hier", "Café brûlé hier"),  # another encoding, which calls itself UTF-8
    ],
)  # fmt: skip
def test_one_broken_byte_costs_one_letter(broken: bytes, whole: str) -> None:
    plain = told(f"{GUID}<title>BROKEN</title>", "<guid>2</guid><title>Autre</title>")
    batch = read(plain.replace(b"BROKEN", broken))
    assert [item.title for item in batch.items] == [whole, "Autre"]
