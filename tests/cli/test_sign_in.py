"""The way into the console from a shell: the first link of a service, and one for somebody by name."""

import re
import signal
import stat
from pathlib import Path

import httpx

from tests.cli.conftest import Shell
from tests.standins.patience import HANG

HTML = {"Accept": "text/html"}


def test_the_first_admin_comes_in_by_the_link_of_the_start_and_others_by_one_of_a_command(
    shell: Shell, sqlite: str
) -> None:
    shell.environment["TOCSIN_DATABASE_URL"] = sqlite
    address = shell.serve()
    service = shell.started[-1]
    [file] = Path(shell.folder).rglob("first-sign-in-link")
    first = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert first.startswith(f"{address}/sign-in/")
    with httpx.Client(headers=HTML, trust_env=False, timeout=HANG) as browser:
        assert "You are the first here" in browser.get(first).text
        entered = browser.post(first, data={"name": "Léa"})
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert "To begin" in browser.get(f"{address}/").text
        assert browser.post(first, data={"name": "Eve"}).status_code == 410

    code, out, err = shell.run("sign-in", "Max")
    assert (code, out) == (1, "")
    assert "nobody is called 'Max': known are Léa" in err
    shell.environment["TOCSIN_PUBLIC_URL"] = f"{address}/"
    code, out, err = shell.run("sign-in", "Max", "--new", "viewer")
    assert code == 0, err
    assert re.fullmatch(rf"{address}/sign-in/\S+\n", out)
    with httpx.Client(headers=HTML, trust_env=False, timeout=HANG) as browser:
        assert browser.post(out.strip()).headers["location"] == "/"
        page = browser.get(f"{address}/").text
        assert "To begin" not in page, "that is for an admin"
    service.send_signal(signal.SIGTERM)
    _, logged = service.communicate(timeout=HANG)
    for link in (first, out.strip()):
        assert link.rpartition("/")[2] not in logged
