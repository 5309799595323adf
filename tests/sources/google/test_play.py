"""A review on Google Play, and the token that Google lends for it."""

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from app.errors import SourceError
from app.sources.base import Batch
from app.sources.google import account as google_account
from app.sources.google.account import Account
from app.sources.google.play import KIND, GooglePlaySettings
from app.sources.toolkit.tokens import Tokens
from tests.sources.far_ends.google_play import key
from tests.sources.street import ReceivedRequest, Reply, says, street

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SCOPE = "https://www.googleapis.com/auth/androidpublisher"


@pytest.fixture(autouse=True)
def no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_account, "_tokens", Tokens())


def review(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON holds
    comment = {
        "text": "\tÇa plante", "lastModified": {"seconds": "1795337000", "nanos": 5_000_000}, "starRating": 1,
        "reviewerLanguage": "fr_FR", "thumbsUpCount": 3, "appVersionName": "5.2", "device": "oriole",
    }  # fmt: skip
    return {"reviewId": "gp:1", "authorName": "Ana", "comments": [{"userComment": comment | more}]}


def run(
    *reviews: dict[str, Any], secret: str | None = None, token: Reply | None = None
) -> tuple[Batch, list[ReceivedRequest]]:
    """What the first run brings, and what it asked."""

    def answer(request: ReceivedRequest) -> Reply:
        if request.path == "/token":
            return token or says({"access_token": "lent", "expires_in": 3599})
        return says({"reviews": list(reviews)})

    assert KIND.build
    with street(answer) as (server, client):
        settings = GooglePlaySettings(package="com.brand.app")
        batch = KIND.build(settings, client, key() if secret is None else secret).fetch({}, now=NOW)
        return batch, server.asked


def test_a_review_has_its_id_its_instant_its_stars_and_its_words() -> None:
    (item,) = run(review())[0].items
    assert (item.external_id, item.title, item.text, item.author) == ("gp:1", "", "Ça plante", "Ana")
    assert item.published_at == datetime.fromtimestamp(1795337000, UTC) + timedelta(milliseconds=5)
    assert (item.lang, item.likes) == ("fr-FR", 3)
    assert item.url == "https://play.google.com/store/apps/details?id=com.brand.app&reviewId=gp:1"
    assert item.extra == {"rating": 1, "version": "5.2", "device": "oriole"}


def test_a_title_before_a_tab_is_told_apart_and_stars_without_words_are_no_post() -> None:
    batch, _ = run(review(text="Nul\tÇa plante"), review(text="\t") | {"reviewId": "2"}, {"reviewId": "3"})
    assert [(item.title, item.text) for item in batch.items] == [("Nul", "Ça plante")]


def test_of_several_words_of_one_person_the_last_counts() -> None:
    row = review(text="before")
    row["comments"] += [
        {"developerComment": {"text": "Sorry"}},
        {"userComment": {"text": "after", "lastModified": {"seconds": "1795338000"}}},
    ]
    (item,) = run(row)[0].items
    assert item.text == "after"
    assert (item.extra or {})["answered"] is True


def test_the_request_for_a_token_is_signed_with_the_key() -> None:
    _, requests = run(review())
    assert [one.path for one in requests] == [
        "/token",
        "/androidpublisher/v3/applications/com.brand.app/reviews",
    ]
    assert requests[1].headers["authorization"] == "Bearer lent"
    head, claims, signature = requests[0].form["assertion"].split(".")
    account = Account.of(key())
    account.key.public_key().verify(
        _bytes(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), SHA256()
    )
    assert json.loads(_bytes(head)) == {"alg": "RS256", "typ": "JWT"}
    stamp = int(NOW.timestamp())
    assert json.loads(_bytes(claims)) == {
        "iss": "nobody@project.invalid", "scope": SCOPE, "aud": "https://oauth2.googleapis.com/token",
        "iat": stamp, "exp": stamp + 3600,
    }  # fmt: skip


def test_a_key_is_read_once_for_many_runs() -> None:
    secret = key()
    assert Account.of(secret) is Account.of(secret)
    assert Account.of(secret) != Account.of(google_account.stand_in())


def test_a_token_is_lent_once_for_many_runs() -> None:
    run(review())
    _, requests = run(review())
    assert [one.path for one in requests] == ["/androidpublisher/v3/applications/com.brand.app/reviews"]


def test_a_key_that_google_does_not_know_is_told() -> None:
    no = says({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, 400)
    with pytest.raises(SourceError, match=r"Invalid JWT Signature.*Check the secret") as caught:
        run(token=no)
    assert caught.value.permanent


@pytest.mark.parametrize(
    "secret",
    ["", "x", "[]", "{}", '{"private_key": 1}', '{"private_key": "-----BEGIN", "client_email": "a@b"}'],
)
def test_a_secret_that_is_no_key_is_told_without_showing_it(secret: str) -> None:
    with pytest.raises(SourceError, match="JSON key of a service account") as caught:
        run(secret=secret)
    assert caught.value.permanent
    assert "BEGIN" not in str(caught.value)
    assert caught.value.__cause__ is None


def _bytes(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
