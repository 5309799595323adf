"""The first minute of a service, and its last: a key that no log holds, and a stop that nothing holds up."""

import stat
from pathlib import Path
from socket import create_connection, create_server
from threading import Event, Thread

import httpx

from tests.cli.conftest import Shell
from tests.standins.patience import HANG


def test_the_first_key_is_in_a_file_and_not_in_the_log(shell: Shell, sqlite: str) -> None:
    shell.environment["TOCSIN_DATABASE_URL"] = sqlite
    address = shell.serve()
    _, err = shell.stop()
    (path,) = shell.folder.rglob("first-admin-key")
    key = path.read_text().strip()
    assert key not in err
    assert path.name in "".join(err.split())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert address
    again = shell.serve()
    answer = httpx.get(
        f"{again}/api/v1/keys", headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=HANG
    )
    assert answer.status_code == 200
    _, err = shell.stop()
    assert path.name not in err


def test_what_hangs_does_not_keep_it_from_leaving(shell: Shell, sqlite: str, tmp_path: Path) -> None:
    shell.environment |= {"TOCSIN_DATABASE_URL": sqlite, "TOCSIN_ALLOW_PRIVATE_HOSTS": "127.0.0.1"}
    called, over = Event(), Event()
    with create_server(("127.0.0.1", 0)) as feed:

        def hang() -> None:
            line, _ = feed.accept()
            with line:
                called.set()
                over.wait(HANG)

        thread = Thread(target=hang)
        thread.start()
        url = f"http://127.0.0.1:{feed.getsockname()[1]}/feed"
        (tmp_path / "tocsin.yaml").write_text(
            f"sources:\n  - {{name: slow, kind: rss, settings: {{url: '{url}'}}}}\n"
        )
        try:
            assert shell.run("apply", "tocsin.yaml", "--yes")[0] == 0
            shell.serve()
            assert called.wait(HANG)
            _, err = shell.stop()
        finally:
            over.set()
            if not called.is_set():
                create_connection(feed.getsockname()).close()
            thread.join()
    assert shell.started[-1].returncode == 0, err
    assert "left in the middle" in err
    assert "Traceback" not in err
