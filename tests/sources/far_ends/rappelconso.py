"""RappelConso as the ministry's open data answers: all recalls, by offset, no more than 10,000 of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply, later


def _recall(post: Post) -> dict[str, Any]:
    return {
        "id": 40_000 + post.n,
        "numero_fiche": f"2026-11-{post.n:04}",
        "numero_version": 2 if post.edited_at else 1,
        "nature_juridique_rappel": "volontaire (sans arrêté préfectoral)",
        "categorie_produit": "alimentation",
        "marque_produit": "velinor",
        "modeles_ou_references": "yaourt nature",
        "identification_produits": ["3327780013660", "tous les lots"],
        "motif_rappel": f"présence de verre : {post.edit or post.text}",
        "risques_encourus": "corps étrangers|coupure",
        "description_complementaire_risque": None,
        "distributeurs": "carrefour¤leclerc",
        "lien_vers_la_fiche_rappel": f"https://rappel.conso.gouv.fr/fiche-rappel/{post.n}/interne",
        "rappel_guid": f"0c1d-{post.n}",
        "date_publication": post.at.isoformat(),
        "libelle": "yaourt nature",
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    path = "/api/explore/v2.1/catalog/datasets/rappelconso-v2-gtin-espaces/records"
    assert (request.host, request.path) == ("data.economie.gouv.fr", path)
    assert request.param("order_by") == "date_publication desc"
    assert "where" not in request.params
    limit, offset = int(request.param("limit")), int(request.param("offset"))
    if offset + limit > 10_000:
        return Reply({"error_code": "InvalidRESTParameterError", "message": "offset is too large"}, 400)
    newest = sorted(posts, key=lambda post: (post.at, post.n), reverse=True)
    return Reply(
        {
            "total_count": len(newest),
            "results": [_recall(post) for post in newest[offset : offset + limit]],
        }
    )


FAR_END = FarEnd(
    kind="rappelconso",
    settings={},
    answer=_answer,
    external_id=lambda post: f"2026-11-{post.n:04}",
    throttled=Reply(
        {
            "errorcode": 10002,
            "error": "You have exceeded the requests limit for anonymous users.",
            "reset_time": later(60).isoformat(),
            "limit_time_unit": "day",
            "call_limit": 1000,
        },
        429,
    ),
    wait=timedelta(hours=1),
    burst=230,
    empties=False,
)
