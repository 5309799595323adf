"""Pages that stand where an answer should: what they ask for (a browser, a click, a login) is told."""

import re
from collections.abc import Mapping
from html import unescape

_LOOKED_AT = 30_000
_TITLE = re.compile(r"<title[^>]*>([^<]{1,300})", re.IGNORECASE)
_ROBOTS = re.compile(
    r"just a moment|attention required|not a (?:ro)?bot\b|are you (?:a )?(?:robot|human)|robot check"
    r"|verif\w{1,9} (?:that )?you are (?:a )?human|checking your browser|enable javascript and cookies"
    r"|security check|captcha|challenge-platform|ddos.?guard|datadome|perimeterx|incapsula|imperva|anubis"
    r"|unusual traffic|pas un robot|êtes(?:-| )vous (?:un )?(?:robot|humain)|vérifions que vous"
    r"|vérification (?:de sécurité|que vous)|kein roboter|no soy un robot|non sono un robot",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"consent\.(?:google|youtube|yahoo)|before you continue|avant d[’'](?:accéder|continuer)|bevor sie"
    r"|(?:accept|manage) (?:all )?cookies|accepter (?:les|tous les|et continuer)|tout accepter|cookie.?wall",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"type\s*=\s*[\"']?password", re.IGNORECASE)
_AWAY = re.compile(
    r"maintenance|domain (?:name )?(?:is )?for sale|domaine (?:est )?à vendre|parked (?:free|domain)",
    re.IGNORECASE,
)
_MITIGATED = ("cf-mitigated", "x-amzn-waf-action", "x-datadome", "x-px-block")


def wall(headers: Mapping[str, str], content: bytes) -> str:
    """What stands there instead of an answer, in words for a sentence; empty if it is no such page.

    >>> wall({"content-type": "text/html"}, b"<title>Making sure you&#39;re not a bot!</title>")
    'a check for robots'
    """
    names = {name.lower() for name in headers}
    if any(name in names for name in _MITIGATED):
        return "a check for robots"
    start = unescape(content[:_LOOKED_AT].decode(errors="replace"))
    if "<" not in start or not re.search(r"<(?:!doctype html|html|head|title|body)", start, re.IGNORECASE):
        return ""
    title = _TITLE.search(start)
    named = title[1] if title else ""
    if _ROBOTS.search(named) or (len(content) < _LOOKED_AT and _ROBOTS.search(start)):
        return "a check for robots"
    if _CONSENT.search(named) or (len(content) < _LOOKED_AT and _CONSENT.search(start)):
        return "a page that asks for consent"
    if _LOGIN.search(start):
        return "a page to log in"
    return "a page that says that the site is away" if _AWAY.search(named) else ""
