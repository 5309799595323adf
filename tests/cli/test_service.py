"""The service as its engineer runs it: settings in a file, posts pushed over HTTP, a clean stop."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import select

from app import db
from app.clock import utc_now
from app.models import Channel
from app.sources.push.source import HEADER, sign
from tests.cli.conftest import Shell
from tests.standins.patience import HANG, until
from tests.standins.slack import SlackStandin

SETTINGS = """
sources:
  - {name: outil, kind: push}
watches:
  - name: Vélinor
    query: "any of: Vélinor, #velinor"
    time_zone: Europe/Paris
    language: fr
"""


def test_from_an_empty_folder_to_posts_that_are_counted(
    shell: Shell, write: Callable[[str, str], Path], sqlite: str
) -> None:
    shell.environment["TOCSIN_DATABASE_URL"] = sqlite
    write("tocsin.yaml", SETTINGS)
    code, out, err = shell.run("apply", "tocsin.yaml", "--yes")
    assert code == 0, err
    (secret,) = re.findall(r"shown this once: (\S+)", out + err)
    code, key, err = shell.run("keys", "create", "--role", "admin", "camille")
    assert code == 0, err
    shell.afresh = True
    address = shell.serve()
    with httpx.Client(
        base_url=address, headers={"Authorization": f"Bearer {key.strip()}"}, trust_env=False, timeout=HANG
    ) as client:
        (source,) = client.get("/api/v1/sources").json()["items"]
        now = utc_now()
        posts = [
            {"id": str(n), "text": f"Vélinor {n}", "published_at": (now - timedelta(hours=n)).isoformat()}
            for n in range(30)
        ]
        body = json.dumps({"posts": posts}).encode()
        pushed = f"/api/v1/sources/{source['id']}/posts"
        for stored in (30, 0):
            answer = client.post(pushed, content=body, headers={HEADER: sign(body, secret, now=utc_now())})
            assert answer.status_code == 202
            assert answer.json()["stored"] == stored, "the second time they are known"
        assert client.post(pushed, content=body, headers={HEADER: "t=1,v1=00"}).status_code == 401
        (watch,) = client.get("/api/v1/watches").json()["items"]

        def ran() -> bool:
            ready = client.get("/readyz").status_code == 200
            return ready and "tocsin_last_cycle" in client.get("/metrics").text

        until(ran, every=0.1)
        series = client.get(f"/api/v1/watches/{watch['id']}/series").json()["items"]
        assert series
    out, err = shell.stop()
    assert shell.started[-1].returncode == 0, err
    assert secret not in out + err
    assert "Traceback" not in err


def test_check_says_what_works_and_what_does_not(
    shell: Shell, write: Callable[[str, str], Path], sqlite: str
) -> None:
    with SlackStandin() as slack:
        shell.environment |= {
            "TOCSIN_DATABASE_URL": sqlite,
            "TOCSIN_SLACK_BOT_TOKEN": slack.token,
            "TOCSIN_SLACK_CHANNEL": "C0ALERTS",
            "TOCSIN_SLACK_API_URL": slack.url,
        }
        code, out, _ = shell.run("check")
        assert code == 0, out
        assert "✓ channel slack" in out
        assert "works again" not in out
        engine = db.connect(sqlite)
        with db.sessions_of(engine).begin() as session:
            channel = session.scalars(select(Channel)).one()
            channel.broken_since, channel.broken_why = utc_now(), "it was"
        code, out, _ = shell.run("check")
        assert (code, "works again" in " ".join(out.split())) == (0, True), out
        with db.sessions_of(engine)() as session:
            assert session.scalars(select(Channel.broken_since)).one() is None
        engine.dispose()
        write(
            "tocsin.yaml",
            "sources:\n  - {name: inside, kind: rss, settings: {url: 'http://127.0.0.1:9/feed'}}\n",
        )
        assert shell.run("apply", "tocsin.yaml", "--yes")[0] == 0
        slack.token = "xoxb-another"
        code, out, err = shell.run("check")
        assert code == 1
        assert "✗ channel slack" in out
        assert "✗ source inside" in out
        assert "TOCSIN_ALLOW_PRIVATE_HOSTS" in out or "private" in out
        assert "xoxb-standin" not in out + err


def test_errors_at_the_keyboard_are_sentences(shell: Shell) -> None:
    shell.afresh = True
    shell.environment["TOCSIN_DATABASE_URL"] = "postgresql://me:secret@127.0.0.1:1/x"
    code, out, err = shell.run("cycle")
    assert code == 1
    assert "The database says" in err
    assert "secret" not in out + err
    assert "Traceback" not in err
    shell.afresh = False
    shell.environment["TOCSIN_PORT"] = "many"
    code, _, err = shell.run("cycle")
    assert code == 1
    assert "port" in err
