"""A recall says which product, why and what it risks; an empty register is a failure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import SourceError
from app.sources.base import Item
from app.sources.rappelconso import KIND, RappelConsoSettings
from tests.sources.street import Reply, says, street

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def read(reply: Reply) -> list[Item]:
    """What the first run makes of this answer."""
    assert KIND.build
    with street(lambda _asked: reply) as (_, client):
        return KIND.build(RappelConsoSettings(), client, None).fetch({}, now=NOW).items


def recall(row: dict[str, Any]) -> Item:
    (item,) = read(says({"total_count": 1, "results": [row]}))
    return item


def test_a_recall_is_a_post_that_names_brand_reason_and_risk() -> None:
    item = recall(
        {
            "id": 49909, "numero_fiche": "2026-08-0001", "numero_version": 2, "marque_produit": "nissan",
            "libelle": "qashqai", "modeles_ou_references": "qashqai voiture de tourisme",
            "motif_rappel": "fuite de carburant", "risques_encourus": "incendie|brûlures",
            "categorie_produit": "automobiles", "date_publication": "2026-08-05T11:34:23+02:00",
            "lien_vers_la_fiche_rappel": "https://rappel.conso.gouv.fr/fiche-rappel/49909/rapex",
        }
    )  # fmt: skip
    assert (item.external_id, item.title, item.lang) == ("2026-08-0001", "nissan : qashqai", "fr")
    assert item.text == "qashqai voiture de tourisme\nfuite de carburant\nincendie, brûlures"
    assert (item.published_at, item.precision) == (datetime(2026, 8, 5, 9, 34, 23, tzinfo=UTC), "exact")
    assert item.url == "https://rappel.conso.gouv.fr/fiche-rappel/49909/rapex"
    assert item.extra == {"category": "automobiles", "version": 2}


def test_the_names_of_the_first_version_are_read_too() -> None:
    item = recall(
        {
            "reference_fiche": "2021-04-0084", "nom_de_la_marque_du_produit": "Dom Duarte",
            "noms_des_modeles_ou_references": "Thé", "motif_du_rappel": "plantes",
            "date_de_publication": "2021-04-01",
        }
    )  # fmt: skip
    assert (item.external_id, item.title, item.text) == ("2021-04-0084", "Dom Duarte : Thé", "plantes")
    assert (item.published_at, item.precision) == (datetime(2021, 4, 1, tzinfo=UTC), "day")


def test_a_product_of_several_barcodes_is_one_recall() -> None:
    row = {"numero_fiche": "1", "libelle": "x", "date_publication": "2026-11-22T08:00:00+00:00"}
    items = read(says({"total_count": 2, "results": [row | {"gtin": 1}, row | {"gtin": 2}]}))
    assert [item.external_id for item in items] == ["1"]


def test_an_empty_register_is_an_error_that_names_the_setting() -> None:
    with pytest.raises(SourceError, match="set `dataset`") as caught:
        read(says({"total_count": 0, "results": []}))
    assert not caught.value.permanent


def test_a_spent_quota_waits_until_the_instant_that_it_names() -> None:
    spent = {"errorcode": 10002, "error": "exceeded", "reset_time": "2026-11-23T00:00:00Z"}
    with pytest.raises(SourceError, match="exceeded") as caught:
        read(says(spent, 429))
    assert caught.value.retry_after == timedelta(hours=15)


def test_the_data_set_of_a_saved_address_is_known() -> None:
    assert KIND.from_url
    url = "https://data.economie.gouv.fr/api/explore/v2.1/catalog/datasets/rappelconso-v2-gtin-trie/records?limit=9"
    assert KIND.from_url(url) == {"dataset": "rappelconso-v2-gtin-trie"}
