"""`tocsin backup` while the service runs, and `tocsin restore`, which waits until it does not."""

import stat

from tests.cli.conftest import Shell


def test_the_service_is_backed_up_while_it_runs_and_restored_once_it_is_stopped(shell: Shell) -> None:
    shell.environment["TOCSIN_DATA_DIR"] = str(shell.folder / "var")
    shell.serve()
    code, out, err = shell.run("backup", "tocsin.backup")
    assert (code, out) == (0, "")
    assert "Backed up to tocsin.backup" in err
    assert "whoever has the file has them all" in " ".join(err.split())
    file = shell.folder / "tocsin.backup"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    service = shell.started[0]
    assert shell.run("keys", "create", "made later")[0] == 0
    code, _, err = shell.run("restore", "tocsin.backup", "--force")
    assert (code, "is in use" in err, "Traceback" in err) == (1, True, False)
    service.terminate()
    service.communicate()
    code, _, err = shell.run("restore", "tocsin.backup")
    assert (code, "Restored" in err) == (0, True), "nothing was set up yet that it would take away"
    assert "made later" not in shell.run("keys", "list")[1]
    assert "from a backup of" in shell.run("check")[1]


def test_what_cannot_be_done_is_a_sentence(shell: Shell) -> None:
    shell.environment["TOCSIN_DATA_DIR"] = str(shell.folder / "var")
    (shell.folder / "text").write_text("no backup")
    for words, said in (
        (("backup", "tocsin.backup"), "There is no database"),
        (("restore", "nowhere"), "there is no file nowhere"),
        (("restore", "text"), "damaged or no backup"),
    ):
        code, out, err = shell.run(*words)
        assert (code, out) == (1, "")
        assert said in " ".join(err.split())
        assert "Traceback" not in err
    assert not (shell.folder / "var").exists()
