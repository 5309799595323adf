"""Links, e-mail addresses and servers in a text: they are taken out of its words and kept apart."""

import re
from urllib.parse import unquote

from app.reading.folding import unaccented

GAP = "\x01"  # stands where a link stood: no phrase reaches over it

# What ends in a name that is no country and none of these is a brand with a dot, or a full stop without a
# space after it. Every two letters that are a country; of the others those that people really meet.
_COUNTRIES = """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt
    bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er
    es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr
    ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk
    lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf
    ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc
    sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv
    tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
_OTHERS = """
    com org net info biz edu gov mil int name mobi asia cat jobs museum tel travel aero coop pro xxx
    post arpa app dev page blog shop store online site website space tech cloud social news media
    press tv live video world life today email agency company group club team school education
    health care bank money finance paris bzh alsace corsica brussels london berlin nyc quebec eus
    gal scot wales eco bio wiki xyz top icu vip fun art design digital network solutions services
    support systems software games game one link click hotel restaurant immo ski pub cafe beer wine
    food style fashion guru zone red blue black men work review example test invalid local localhost
    onion onl рф укр рус бел срб москва 中国 香港 台灣 한국 삼성
"""
_ENDINGS = frozenset(f"{_COUNTRIES} {_OTHERS}".split())

_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_PATH = r"(?:[\w\-.~%$&+=:@/?#\[\]]|[,;!](?=[\w/])|\([^\s()]*\))*"
# What shortens links has no letters with accents in its paths: what follows one without a space is text.
_SHORTENERS = "t.co bit.ly buff.ly ow.ly tinyurl.com lnkd.in youtu.be goo.gl is.gd dlvr.it amzn.to fb.me"
_SHORT = f"(?:{'|'.join(map(re.escape, _SHORTENERS.split()))})"
_FOUND = re.compile(
    rf"""(?ix)
      (?P<mail> (?<![a-zà-ɏ\d_@.+-]) [a-zà-ɏ\d_.+-]+ @ [\w-]+ (?:\.[\w-]+)* (?:\?\S*)? )
    | (?P<name> (?<![\w@]) @ \w[\w-]* )
      (?P<server> @ (?:[\w-]+\.)+ \w+ | (?:\.[\w-]+)* \. [^\W\d_]{{2,24}} (?!\w) )
    | (?P<link> (?:https?://)? (?<![\w.@-]) {_SHORT} / [a-z0-9_-]* | (?:https?|ftp):// {_SHORT} / [a-z0-9_-]*
              | (?:https?|ftp):// {_PATH} )
    | (?P<host> (?<![\w.@-]) (?:{_LABEL}\.)+
                (?P<ending> xn--[a-z0-9-]+ | [^\W\d_]{{2,24}} ) (?![\w]) (?: :\d+ )? )
      (?P<path> [/?\#] {_PATH} )?
    """
)
_SPACES = " \n\t\r\x00\xa0\u202f\u3000"
_SPACE = re.compile(f"[{_SPACES}]")
_MAYBE = re.compile(r"\.(?<=\w\.)\w|://|@(?<=[^\W_]@)\w")  # each begins with a sign, which is found quickly


def take_links(text: str) -> tuple[str, list[str]]:
    """The text with a gap for each link and e-mail address, and the links.

    >>> take_links("voir orange.fr, écrire à a@free.fr, lu sur (https://t.co/abc)Vélinor")
    ('voir \\x01, écrire à \\x01, lu sur (\\x01)Vélinor', ['orange.fr', 'a@free.fr', 'https://t.co/abc'])
    """
    if _MAYBE.search(text) is None:
        return text, []
    links: list[str] = []

    def gap(found: re.Match[str]) -> str:
        if found["mail"]:
            links.append(found[0])
            return GAP
        if found["name"]:
            whole = found[0]
            if whole.count("@") != 2 and not _is_ending(whole.rpartition(".")[2], whole):
                return whole
            links.append(whole)
            return found["name"] + GAP
        if found["host"] and not _is_ending(found["ending"], found["host"]):
            return found[0]
        links.append(found[0])
        return GAP

    # Only what stands around a full stop or a scheme is looked at closely, up to the spaces beside it.
    parts: list[str] = []
    done = 0
    for found in _MAYBE.finditer(text):
        if found.start() < done:
            continue
        start = max(text.rfind(space, done, found.start()) for space in _SPACES) + 1 or done
        end = after.start() if (after := _SPACE.search(text, found.end())) else len(text)
        parts += (text[done:start], _FOUND.sub(gap, text[start:end]))
        done = end
    return "".join(parts) + text[done:], links


def is_domain(text: str) -> bool:
    """Whether a term is looked for in links: a host with or without a path, or a whole e-mail address.

    >>> [is_domain(t) for t in ("danone.com", "facebook.com/velinor", "E.Leclerc")]
    [True, True, False]
    """
    rest, links = take_links(text)
    return (rest == GAP and len(links) == 1) or (
        rest.startswith("@") and rest.endswith(GAP) and len(links) == 1
    )


def folded_link(link: str) -> str:
    """The link as it is compared: without case, scheme and accents, its international names in their letters.

    >>> folded_link("https://xn--vlinor-bva.example/Page")
    'velinor.example/page'
    """
    if "xn--" in link.lower():
        link = _CODED.sub(_decoded, link)
    if "%" in link:
        link = unquote(link)
    return unaccented(_SCHEME.sub("", link)).casefold()


_SCHEME = re.compile(r"(?i)^\s*(?:https?|ftp)://")
_CODED = re.compile(r"(?i)xn--([a-z0-9-]+)")


def _decoded(found: re.Match[str]) -> str:
    try:
        return found[1].encode("ascii").decode("punycode")
    except UnicodeError:
        return found[0]


def _is_ending(ending: str, whole: str) -> bool:
    """Whether this is the end of a host, and no word that follows a full stop: panne.Le, E.Leclerc."""
    if ending.startswith("xn--"):
        return True
    return ending.lower() in _ENDINGS and (ending.islower() or not ending.isascii() or whole.isupper())
