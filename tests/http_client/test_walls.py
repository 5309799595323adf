"""Pages that stand where an answer should, told as what they are."""

import pytest

from app.errors import SourceError
from app.http_client import HttpResponse, good, wall
from tests.http_client.loopback import NOW

HTML = {"content-type": "text/html"}


@pytest.mark.parametrize(
    ("page", "what"),
    [
        ("<title>Just a moment...</title>", "a check for robots"),
        ("<html><title>Vérification de sécurité</title></html>", "a check for robots"),
        ("<html><body><div class='g-recaptcha'></div></body></html>", "a check for robots"),
        ("<html><title>Avant d’accéder à l’article</title></html>", "a page that asks for consent"),
        ("<html><body><button>Tout accepter</button></body></html>", "a page that asks for consent"),
        ("<html><form><input name='p' type='password'></form></html>", "a page to log in"),
        ("<html><title>Site en maintenance</title></html>", "a page that says that the site is away"),
        ("<html><title>Le journal du matin</title><p>Un robot aspirateur a pris feu.</p></html>", ""),
        ('{"error": "captcha"}', ""),
        ("", ""),
    ],
)
def test_a_page_is_told_as_what_it_is(page: str, what: str) -> None:
    assert wall(HTML, page.encode()) == what


def test_a_server_may_say_so_itself() -> None:
    assert wall({"CF-Mitigated": "challenge"}, b"") == "a check for robots"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_behind_a_wall_no_secret_is_blamed(status: int) -> None:
    answer = HttpResponse(status, HTML, b"<title>Are you a robot?</title>", "https://m.example/api")
    with pytest.raises(SourceError, match="a check for robots") as told:
        good(answer, now=NOW, secret="the access token")
    assert "access token" not in str(told.value)
    assert not told.value.permanent, "it may be gone tomorrow"
