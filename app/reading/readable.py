"""Text as it is read: what a person would see of it, with links and names as tokens.

This is not how HTML becomes text: that is `sources.toolkit.markup`, once, as a post comes in, and what it
gives is kept and shown. Here a kept text is read for its words, each time anew and never stored: what an
archive or a sender left in it (tags, entities, escapes) goes, and a link is no word. Most of these texts are
no HTML, so no parser of it may read them: of "if a<b, call" it would leave "if a".
"""

import html
import re
import unicodedata

MOST = 4_000  # characters read of a post: what comes after says no more about its tone or language
LINK, NAME = "http", "@user"

# What shows nothing and hides words from a reader: controls, marks of direction, what has no width.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")  # left by exports that escaped a text twice
_ENDLESS = re.compile(r"&#[0-9]{8,};?")  # it stands for nothing, and Python refuses numbers of many digits
_HIDDEN = re.compile(r"(?is)<(script|style)\b[^<>]{0,500}+>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,1000}+>")
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>\"”»]+|\bhttps?\b…?")
_BARE_LINK = re.compile(r"(?i)\b(?:pic\.twitter\.com|t\.co|bit\.ly|youtu\.be)/\S+")
# Of a fediverse name its server too; an address of e-mail is none.
_NAME = re.compile(r"(?<![\w@.])@[A-Za-z0-9_][\w.-]*(?:@[\w.-]+\.\w+)?")


def readable(text: str) -> str:
    """The text without markup, entities, control and invisible characters; a link is `http`, a name `@user`.

    >>> readable("<b>@Anna</b> l&#39;app\\u200blication  plante: https://a.example/x?y=1")
    "@user l'application plante: http"
    """
    text = text[: 4 * MOST]
    if "&" in text:
        text = html.unescape(_ENDLESS.sub(" ", text))
        if "&" in text and ";" in text:  # escaped twice, as feeds and exports do
            text = html.unescape(_ENDLESS.sub(" ", text))
    if "\\u" in text:
        text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if "<" in text:
        text = _TAG.sub(" ", _HIDDEN.sub(" ", text)) if ">" in text else text
    if not text.isascii():
        text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    elif not text.isprintable():
        text = _UNSEEN.sub("", text)
    if "/" in text or "http" in text or "www." in text:
        text = _BARE_LINK.sub(LINK, _LINK.sub(LINK, text))
    if "@" in text:
        text = _NAME.sub(NAME, text)
    return " ".join(text[:MOST].split())
