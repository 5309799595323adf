"""Official recalls of products in France, from the open data of RappelConso."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field

from app import http_client
from app.errors import SourceError
from app.sources.base import Batch, Item, Kind, Past, StepBack
from app.sources.toolkit import loose
from app.sources.toolkit.past import page_back
from app.sources.toolkit.text import MAX_TITLE, clean, fit_id, web_url
from app.sources.toolkit.walk import Terms, gather

_HOST = "https://data.economie.gouv.fr"
_AT_ONCE = 100
_DEEPEST = 10_000  # the interface reaches no further
_TERMS = Terms(overlap=timedelta(hours=24), one_date=True, stays=True)
_LISTED = re.compile(r"\s*[|¤]\s*")  # how it writes a list in a text
# The second version of the data, and what the first called the same.
_IDS = ("numero_fiche", "reference_fiche", "id", "rappel_guid")
_DATES = ("date_publication", "date_de_publication")
_BRANDS = ("marque_produit", "nom_de_la_marque_du_produit")
_NAMES = ("libelle", "modeles_ou_references", "noms_des_modeles_ou_references")
_TOLD = (
    "modeles_ou_references", "noms_des_modeles_ou_references", "motif_rappel", "motif_du_rappel",
    "risques_encourus", "risques_encourus_par_le_consommateur", "description_complementaire_risque",
    "description_complementaire_du_risque", "distributeurs", "informations_complementaires",
)  # fmt: skip


class RappelConsoSettings(BaseModel):
    """Which data set."""

    model_config = ConfigDict(extra="forbid")

    dataset: str = Field(
        "rappelconso-v2-gtin-espaces",
        description="id of the data set; it changes when the ministry makes a new version",
        pattern=r"^[a-z0-9_-]{3,80}$",
    )


class RappelConso:
    """All recalls, newest first, until a known one."""

    def __init__(self, settings: RappelConsoSettings, client: httpx.Client) -> None:
        self._url = f"{_HOST}/api/explore/v2.1/catalog/datasets/{settings.dataset}/records"
        self._client = client

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """The recalls that are new or changed since the cursor."""
        return gather({"recalls": lambda mark: self._page(mark or 0, now)}, cursor, now=now, terms=_TERMS)

    def look_back(self, step: StepBack) -> Past:
        """The next page of older recalls."""
        read = {"recalls": lambda at: self._page(at or 0, step.now)}
        return page_back(read, step, most=_DEEPEST)

    def _page(self, offset: int, now: datetime) -> tuple[list[Item], int | None]:
        # No `where`: the wall before this server refuses it to programs that name themselves.
        params: dict[str, str | int] = {
            "order_by": "date_publication desc",
            "limit": _AT_ONCE,
            "offset": offset,
        }
        response = http_client.ask(self._client, self._url, params=params, now=now)
        if response.status == 429:
            raise _spent(response, now)
        rows = loose.listed(http_client.good(response, now=now), "results")
        total = loose.whole(loose.document(response).get("total_count"))
        if not rows and not offset:
            raise SourceError(
                f"{http_client.shown(self._url)} holds no recall at all: it was replaced, or is being "
                "filled. If this lasts, look for the data set's new id and set `dataset`."
            )
        following = offset + len(rows)
        more = rows and following < (total or _DEEPEST) and following + _AT_ONCE <= _DEEPEST
        return [item for row in rows if (item := _item(row))], following if more else None


def _spent(response: http_client.HttpResponse, now: datetime) -> SourceError:
    """The quota of the day is used up; the answer says when the next one begins."""
    try:
        http_client.good(response, now=now)
    except SourceError as error:
        reset = None
        if error.retry_after is None and response.content.lstrip().startswith(b"{"):
            reset = loose.instant(loose.document(response).get("reset_time"))
        if reset and reset > now:
            wait = min(reset - now, timedelta(days=1))
            return SourceError(str(error), retry_after=wait, asked=response.asked)
        return error
    raise AssertionError("429 is never good")


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((found for name in names if (found := clean(loose.word(row.get(name))))), "")


def _item(row: dict[str, Any]) -> Item | None:
    number, brand, name = _first(row, _IDS), _first(row, _BRANDS), _first(row, _NAMES)
    parts = [_LISTED.sub(", ", clean(loose.word(row.get(part)))) for part in _TOLD]
    title = " : ".join(dict.fromkeys(filter(None, (brand, name))))[:MAX_TITLE]
    text = "\n".join(dict.fromkeys(part for part in parts if part and part != name))
    if not number or not (title or text):
        return None
    written = _first(row, _DATES)
    category = clean(loose.word(row.get("categorie_produit") or row.get("categorie_de_produit")), 200)
    version = loose.whole(row.get("numero_version"))
    extra = {"category": category, "version": version}
    return Item(
        external_id=fit_id(number),
        text=text,
        published_at=loose.instant(written),
        precision="exact" if ":" in written or not written else "day",
        title=title,
        author="RappelConso",
        url=web_url(row.get("lien_vers_la_fiche_rappel")),
        lang="fr",
        extra={key: value for key, value in extra.items() if value} or None,
    )


def _from_url(url: str) -> dict[str, str] | None:
    match = re.search(r"://data\.economie\.gouv\.fr/api/explore/\S+?/datasets/([a-z0-9_-]+)/records", url)
    return {"dataset": match[1]} if match else None


def _build(settings: RappelConsoSettings, client: httpx.Client, _secret: str | None) -> RappelConso:
    return RappelConso(settings, client)


KIND = Kind(
    name="rappelconso",
    summary="Official recalls of products in France, as the ministry of economy publishes them.",
    settings=RappelConsoSettings,
    build=_build,
    cadence=timedelta(minutes=15),
    gives="brand, product, reason and risk of each recall",
    looks_back=timedelta(days=90),
    from_url=_from_url,
)
