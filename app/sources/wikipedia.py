"""Wikipedia: the edits of given pages, from the history of each, which loses none however late it is read."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import unquote, urlencode, urlsplit

import httpx
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind
from app.sources.toolkit import loose
from app.sources.toolkit.text import MAX_AUTHOR, MAX_TITLE, clean, fit_id, language
from app.sources.toolkit.walk import Read, Terms, gather

_AT_ONCE = 50  # edits on a page, and names that may be asked about at once
_TERMS = Terms(overlap=timedelta(hours=1), kept=300, stays=True)
_MOST_LAG = 5  # seconds that its copies may be behind before it would rather not be asked
_WAIT = timedelta(minutes=5)
_BUSY = ("maxlag", "ratelimited", "readonly")
_PASSING = ("internal_api_error",)  # how their codes begin
_SECTION = re.compile(r"/\*\s*(.*?)\s*\*/\s*")
_REVERTS = frozenset({"mw-undo", "mw-rollback", "mw-manual-revert"})
_WAR = 3  # reverts of a page in a day
_DAY = timedelta(hours=24)
_BOTS = re.compile(r"bot\b", re.IGNORECASE)
_PAGE = r"^(?:[a-z]{2,3}(?:-[a-z]{2,10}){0,3}|simple):[^|#<>\[\]{}\n]{1,200}$"
_ADDRESS = re.compile(r"https?://([a-z-]{2,12})(?:\.m)?\.wikipedia\.org/wiki/([^?#]+)")


def _page(written: object) -> object:
    """A page as it is written, or as its address has it.

    >>> _page("https://fr.m.wikipedia.org/wiki/Groupe_V%C3%A9linor")
    'fr:Groupe Vélinor'
    """
    match = _ADDRESS.match(written.strip()) if isinstance(written, str) else None
    return f"{match[1]}:{unquote(match[2]).replace('_', ' ')}" if match else written


class WikipediaSettings(BaseModel):
    """Which pages, of which languages."""

    model_config = ConfigDict(extra="forbid")

    pages: list[Annotated[str, BeforeValidator(_page), Field(pattern=_PAGE)]] = Field(
        description="pages: each with its language before it (fr:Danone, en:Talk:Danone), or its address",
        min_length=1,
        max_length=30,
    )
    bots: bool = Field(
        False, description="whether the edits of bots are brought too; they are marked as such"
    )


class Wikipedia:
    """The history of each page, newest first, until a known edit."""

    def __init__(self, settings: WikipediaSettings, client: httpx.Client) -> None:
        self._at, self._client = settings, client

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The edits since the cursor; those whose words were hidden since are taken back."""
        hidden: list[str] = []
        missing: list[str] = []
        pages = list(dict.fromkeys(self._at.pages))
        batch = gather(
            {page: self._list(page, hidden, missing, now) for page in pages}, cursor, now=now, terms=_TERMS
        )
        if len(missing) == len(pages):
            raise SourceError(
                f"Wikipedia has no page {missing[0]}. Check the spelling, and the language before it.",
                permanent=True,
            )
        notes = [batch.note] + ([f"there is no page {', '.join(missing)}"] if missing else [])
        shown = [item for item in batch.items if item.external_id not in hidden]
        return replace(batch, items=shown, deleted=hidden, note="; ".join(filter(None, notes)))

    def _list(self, page: str, hidden: list[str], missing: list[str], now: datetime) -> Read:
        lang, _, title = page.partition(":")

        def read(mark: dict[str, str] | None) -> tuple[list[Item], dict[str, str] | None]:
            params: dict[str, str | int] = {
                "prop": "revisions",
                "titles": title,
                "redirects": 1,
                "rvprop": "ids|timestamp|user|comment|size|flags|tags",
                "rvlimit": _AT_ONCE,
            }
            found = self._ask(lang, params | (mark or {}), now)
            held = next(iter(loose.rows(loose.inner(found, "query", "pages"))), None)
            if held is None:
                raise SourceError(f"{lang}.wikipedia.org answers without a page. It is asked again.")
            if held.get("missing") is True or held.get("invalid") is True:
                missing.append(page)
            rows = loose.rows(held.get("revisions"))
            bots = self._bots(lang, rows, now)
            hidden.extend(
                _id(lang, row) for row in rows if row.get("commenthidden") is True and _id(lang, row)
            )
            items = [
                item
                for place, row in enumerate(rows)
                if (item := _item(lang, clean(loose.word(held.get("title")), MAX_TITLE), rows[place:], bots))
                and (self._at.bots or item.author not in bots)
            ]
            following = loose.word(loose.inner(found, "continue", "rvcontinue"))
            return items, {"rvcontinue": following} if following else None

        return read

    def _bots(self, lang: str, rows: list[dict[str, Any]], now: datetime) -> frozenset[str]:
        """Those of the authors that are bots: of names that sound like one, the wiki is asked."""
        names = {clean(loose.word(row.get("user")), MAX_AUTHOR) for row in rows}
        sounding = sorted(name for name in names if _BOTS.search(name) and "|" not in name)[:_AT_ONCE]
        if not sounding:
            return frozenset()
        params = {"list": "users", "ususers": "|".join(sounding), "usprop": "groups"}
        users = loose.rows(loose.inner(self._ask(lang, params, now), "query", "users"))
        of_groups = ((loose.word(user.get("name")), user.get("groups")) for user in users)
        return frozenset(name for name, groups in of_groups if isinstance(groups, list) and "bot" in groups)

    def _ask(self, lang: str, params: dict[str, Any], now: datetime) -> dict[str, Any]:
        asked = {"action": "query", "format": "json", "formatversion": 2, "maxlag": _MOST_LAG, **params}
        url = f"https://{lang}.wikipedia.org/w/api.php"
        response = http_client.good(http_client.ask(self._client, url, params=asked, now=now), now=now)
        found = loose.document(response)
        if (error := found.get("error")) is None:
            return found
        code, told = (
            loose.word(loose.inner(error, "code")),
            clean(loose.word(loose.inner(error, "info")), 200),
        )
        wait = http_client.retry_after(response.headers.get("retry-after", ""), now=now)
        busy = code in _BUSY
        raise SourceError(
            f"{lang}.wikipedia.org cannot answer: “{told or code}”. "
            + ("It is asked again." if busy or code.startswith(_PASSING) else "Check the settings."),
            retry_after=(wait or _WAIT) if busy else None,
            asked=response.asked,
        )


def _id(lang: str, row: dict[str, Any]) -> str:
    revision = loose.whole_us(row.get("revid"))
    return f"{lang}:{revision}" if revision else ""


def _item(lang: str, title: str, rows: list[dict[str, Any]], bots: frozenset[str]) -> Item | None:
    """The first of the edits, which stand newest first."""
    row, before = rows[0], rows[1] if len(rows) > 1 else {}
    found, user = _id(lang, row), clean(loose.word(row.get("user")), MAX_AUTHOR)
    if not found or not title:
        return None
    size, size_before = loose.whole(row.get("size")), loose.whole(before.get("size"))
    change = 0
    if size is not None and size_before is not None and row.get("parentid") == before.get("revid"):
        change = size - size_before
    reverts = _reverts(rows) if _is_revert(row) else 0
    extra = {
        "bot": user in bots,
        "minor": row.get("minor") is True,
        "anonymous": row.get("anon") is True or row.get("temp") is True,
        "reverts_another": _is_revert(row),
        "edit_war": reverts if reverts >= _WAR else 0,
        "characters": change,
    }
    parent = loose.whole_us(row.get("parentid"))
    query = urlencode(
        {"title": title, "diff": found.partition(":")[2]} | ({"oldid": parent} if parent else {})
    )
    return Item(
        external_id=fit_id(found),
        text=clean(_SECTION.sub(r"\1: ", loose.word(row.get("comment"))).removesuffix(": ")),
        published_at=loose.instant(row.get("timestamp")),
        title=title,
        author=user or None,
        url=f"https://{lang}.wikipedia.org/w/index.php?{query}",
        lang=language(lang),
        extra={name: value for name, value in extra.items() if value} or None,
    )


def _is_revert(row: dict[str, Any]) -> bool:
    tags = row.get("tags")
    return isinstance(tags, list) and any(tag in _REVERTS for tag in tags if isinstance(tag, str))


def _reverts(rows: list[dict[str, Any]]) -> int:
    """How many of the edits of the day that ends with the first one take another back."""
    until = loose.instant(rows[0].get("timestamp"))
    if until is None:
        return 1
    return sum(
        _is_revert(row) and (at := loose.instant(row.get("timestamp"))) is not None and until - at < _DAY
        for row in rows
    )


def _from_url(url: str) -> dict[str, Any] | None:
    parts = urlsplit(url)
    match = re.fullmatch(r"([a-z-]{2,12})\.wikipedia\.org", parts.hostname or "")
    titles = httpx.QueryParams(parts.query).get("titles", "")
    return {"pages": [f"{match[1]}:{titles}"]} if match and titles and "|" not in titles else None


def _build(settings: WikipediaSettings, client: httpx.Client, _secret: str | None) -> Wikipedia:
    return Wikipedia(settings, client)


KIND = Kind(
    name="wikipedia",
    summary="Edits of the pages of Wikipedia that are about the brand, with what their authors say of them.",
    settings=WikipediaSettings,
    build=_build,
    cadence=timedelta(minutes=5),
    gives="comment and link of each edit; whether it takes another back, its length, whether of a bot",
    from_url=_from_url,
)
