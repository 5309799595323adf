"""One form for the address of each page, whoever links to it."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

# What analytics and advertising hang on an address; none of it says which page is meant.
_TRACKING = re.compile(
    r"(?:utm_|at_|mtm_|pk_|hsa_|vero_|oly_|mc_[ce]id|_hs).*|xtor|fbclid|gclid|gclsrc|dclid|msclkid|yclid"
    r"|twclid|ttclid|igshid|igsh|si|ref_src|ref_url|cmpid|wt_mc|spm|__twitter_impression|amp|ns_.*|ito",
    re.IGNORECASE,
)
# Addresses that only send on to the one in a parameter of theirs.
_WRAPPED = ("url", "u", "q", "target", "to", "redirect", "dest")
_WRAPPER = re.compile(
    r"(?:www\.)?google\.[a-z.]+/url|l\.(?:facebook|instagram|messenger)\.com/l\.php|lm?\.facebook\.com/l\.php"
    r"|out\.reddit\.com/.*|(?:www\.)?youtube\.com/redirect|t\.umblr\.com/redirect|slack-redir\.net/link"
    r"|steamcommunity\.com/linkfilter/?|vk\.com/away\.php|[a-z0-9]+\.safelinks\.protection\.outlook\.com/"
)
# Copies of pages for telephones, which name the page behind their own address.
_CACHE = re.compile(r"(?:www\.)?google\.[a-z.]+/amp/s/|[a-z0-9-]+\.cdn\.ampproject\.org/[a-z]/s/")
# One page under two names; of such, what tells who shared it.
_TWICE = {"x.com": "twitter.com"}
_SHARED = {"twitter.com": frozenset("st")}
_MOST = 4_000  # characters; longer is no address that people share


def canonical(url: str) -> str:
    """The address by which the same page is known, whoever links to it.

    >>> canonical("https://www.Example.fr/a?id=3&utm_source=x#top"), canonical("https://m.example.fr/a")
    ('https://example.fr/a?id=3', 'https://example.fr/a')
    """
    try:
        parts = urlsplit(url)
        host = re.sub(r"^(?:www|m|amp|mobile)\.(?=[^.]+\.)", "", parts.netloc.lower())
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return url
    kept = [(name, value) for name, value in pairs if not _TRACKING.fullmatch(name)]
    # Only a query that something was taken out of is written anew: encoding is a matter of taste.
    query = parts.query if len(kept) == len(pairs) else urlencode(kept)
    return urlunsplit((parts.scheme.lower(), host, parts.path, query, ""))


def page(url: str | None) -> str | None:
    """What page an address leads to, as a key to compare by; None for what is no address.

    >>> page("http://www.lemonde.fr:80/eco/a.html/?utm_source=x#top")
    'lemonde.fr/eco/a.html'
    >>> page("https://l.facebook.com/l.php?u=https%3A%2F%2Flemonde.fr%2Feco%2Fa.html&h=x")
    'lemonde.fr/eco/a.html'
    """
    if not url or len(url) > _MOST:
        return None
    url = url.encode("utf-8", "ignore").decode().strip()  # half characters can be put into no query
    for _ in range(3):  # a wrapper may be wrapped
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
            named = dict(parse_qsl(parts.query))
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or not host or re.search(r"[\s\x00-\x1f]", host):
            return None
        inner = next((named[name] for name in _WRAPPED if named.get(name, "").startswith("http")), None)
        if inner and _WRAPPER.fullmatch(f"{host}{parts.path}"):
            url = inner
        elif cached := _CACHE.match(f"{host}{parts.path}"):
            url = f"https://{f'{host}{parts.path}'[cached.end() :]}{f'?{parts.query}' if parts.query else ''}"
        else:
            break
    shown = "" if port in (None, 80, 443) else f":{port}"
    tidy = urlsplit(canonical(f"{parts.scheme}://{host}{shown}{_without_amp(parts.path)}"))
    where = _TWICE.get(tidy.netloc, tidy.netloc)
    kept = parse_qsl(urlsplit(canonical(url)).query, keep_blank_values=True)
    told = sorted(
        pair for pair in kept if pair[0] not in _SHARED.get(where, ()) and pair != ("output", "amp")
    )
    return f"{where}{tidy.path.rstrip('/ ')}{f'?{urlencode(told)}' if told else ''}"


def _without_amp(path: str) -> str:
    return re.sub(r"(?:/amp/?|\.amp(?=\.html$))$|^/amp(?=/)", "", path)
