"""Why a source is not heard is said in the reader's language, whatever it is."""

import re
import smtplib
from datetime import UTC, datetime, timedelta

import pytest

from app.channels.email.server import explained
from app.channels.slack.errors import mend
from app.channels.wording.channel_reasons import CHANNEL_SENTENCES
from app.channels.wording.reasons import SENTENCES, WORDS, reason, refusal
from app.channels.wording.refusals import REFUSALS
from app.channels.wording.words import Words
from app.errors import SourceError
from app.http_client import HttpResponse, good
from app.models import Source
from app.pipeline.ingest.health import RunHistory, doubt, silence

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
ENGLISH, FRENCH = Words("en", "UTC"), Words("fr", "UTC")
ADDRESS = "https://news.example/feed"
HOUR = timedelta(hours=1)


def refused(status: int, secret: str, content: bytes = b"") -> str:
    with pytest.raises(SourceError) as error:
        good(HttpResponse(status, {}, content, ADDRESS), now=NOW, secret=secret)
    return str(error.value)


def written() -> list[str]:
    """What the service itself writes."""
    found = [
        refused(status, secret)
        for status in (400, 401, 402, 403, 404, 408, 410, 422, 429, 500, 503)
        for secret in ("", "the secret of the source", "the API key")
    ]
    pages = (
        b"<html><title>Just a moment",
        b"<html><title>Before you continue",
        b"<html><input type=password>",
    )
    found += [refused(403, "", page) for page in pages]
    found.append(refused(404, "", b'{"message": "No. Such; feed"}'))
    for content in (b"", b"<html>", b"half {"):
        with pytest.raises(SourceError) as error:
            HttpResponse(200, {}, content, ADDRESS).json()
        found.append(str(error.value))
    source = Source(
        cadence_seconds=300, cursor={}, created_at=NOW - 90 * HOUR, heard_until=None, due_at=None, health="ok"
    )
    quiet = silence(source, now=NOW)
    assert quiet is not None
    found += [quiet[1], f"{quiet[1]}; {refused(500, '')}"]
    steady = [(NOW - (400 - n) * HOUR, 9) for n in range(300)]
    none = RunHistory(posted=[], failed=[], took=[], clamped=0, dated=0)
    fell = [(NOW - timedelta(days=n, hours=2), 400) for n in range(13, 0, -1)] + [(NOW - HOUR, 1)]
    for history in (
        RunHistory(posted=steady, failed=[], took=[], clamped=0, dated=0),
        RunHistory(posted=fell, failed=[], took=[], clamped=0, dated=0),
        RunHistory(posted=[], failed=[], took=[HOUR] * 5, clamped=0, dated=0),
        RunHistory(posted=[], failed=[], took=[], clamped=90, dated=100),
    ):
        assert history != none
        found.append(doubt(history, source, now=NOW))
    assert all(found)
    return found


def test_what_the_service_writes_is_said_in_french_to_its_last_sentence() -> None:
    for text in written():
        said = reason(text, FRENCH)
        rest = said.replace("{", "")
        for english in (" is ", " the ", " answers ", " Check ", "It ", " gives ", " was ", " of "):
            assert english not in rest.replace("No. Such; feed", ""), (text, said)
        assert reason(text, ENGLISH) == text


def test_what_a_mail_server_or_slack_refuses_is_said_in_french() -> None:
    where, full = "smtp.brand.example:587", (550, b"no")
    refused = [
        smtplib.SMTPRecipientsRefused({"lea@brand.example": full}),
        smtplib.SMTPSenderRefused(*full, "t@brand.example"),
        smtplib.SMTPDataError(*full),
        smtplib.SMTPDataError(451, b"later"),
        smtplib.SMTPAuthenticationError(535, b"no"),
        smtplib.SMTPNotSupportedError("no"),
        smtplib.SMTPServerDisconnected("gone"),
        TimeoutError(),
        ConnectionRefusedError(111, "refused"),
    ]
    texts = [str(explained(error, where, "t@brand.example")) for error in refused]
    codes = """channel_not_found not_in_channel is_archived missing_scope not_authed invalid_auth
        token_revoked token_expired account_inactive ekm_access_denied <html>"""
    texts += [mend(200, code, "C0ALERTS") for code in codes.split()]
    assert len({text.partition(": ")[2] for text in texts}) > 12
    for text in texts:
        said = reason(text, FRENCH)
        assert said != text
        for english in (" the ", " is ", " takes ", " does ", " it ", " set ", " says ", " refuses the "):
            assert english not in said, (text, said)
        assert reason(text, ENGLISH) == text


def test_each_sentence_is_known_again_in_each_language() -> None:
    for template in (*SENTENCES, *CHANNEL_SENTENCES):
        names = {"where": ADDRESS, "host": "news.example", "there": "https://other.example",
                 "found": WORDS[0], "secret": "the secret of the source"}  # fmt: skip
        text = template.format_map({n: names.get(n, "x. y") for n in _places(template)})
        assert reason(text, ENGLISH) == text
        assert reason(text, FRENCH) != text, template


def _places(template: str) -> list[str]:
    return [part.split("}")[0] for part in template.split("{")[1:]]


@pytest.mark.parametrize(
    "text", ["", "Something. Else; and more", "*bold* <@U1> {where} %s", "a" * 5_000 + "."]
)
def test_what_is_none_of_these_sentences_stays_as_it_is(text: str) -> None:
    assert reason(text, FRENCH).replace("\u00a0;", ";") == text


def test_a_refusal_is_said_in_french_with_its_values() -> None:
    for text, french in (
        ("Input should be greater than or equal to 5", "au moins 5"),
        ("there is no watch “Évian”", "«\u00a0Évian\u00a0» n’existe pas (veille)"),
        ("must be a whole number", "ce doit être un nombre entier"),
        ("the policy is in use by Danone, Evian: give them another one first",
         "la politique sert à Danone, Evian\u00a0: donnez-leur-en une autre d’abord"),
        ("is missing; there is no such field", "manque\u00a0; ce champ n’existe pas"),
        ("nobody wrote this sentence", "nobody wrote this sentence"),
    ):  # fmt: skip
        assert refusal(text, FRENCH) == french
        assert refusal(text, ENGLISH) == text


def test_each_refusal_is_found_again_by_its_own_words() -> None:
    for template in REFUSALS:
        text = re.sub(r"\{\w+\}", "8x", template)
        assert refusal(text, ENGLISH) == text
        assert refusal(text, FRENCH) != text, template
