"""The wheel, built from a copy of the sources and installed where there is nothing else: all of it runs."""

import csv
import json
import os
import shutil
import socket
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from alembic.script import ScriptDirectory

from app import db
from tests.pipeline.brand import fire, ordinary
from tests.pipeline.conftest import FIRE_AT
from tests.standins.patience import HANG, until

ROOT = Path(__file__).resolve().parent.parent.parent
UV = ROOT / ".tools" / "bin" / "uv"  # `make` brings it
# All that a build reads.
SOURCES = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "tocsin.py", "app", "detectors", "alembic")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by way of the source distribution, so that both are whole."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "copy"
    copy.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy)
    _uv("build", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder / "dist", copy)
    shutil.rmtree(copy)
    (built,) = (folder / "dist").glob("*.whl")
    return built


def test_a_wheel_holds_whatever_lies_in_its_packages(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {"tocsin.py"}
    for folder, place in (("app", "app"), ("detectors", "detectors"), ("alembic", "app/migrations")):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                wanted.add(f"{place}/{path.relative_to(ROOT / folder).as_posix()}")
    assert held == wanted


def test_the_image_is_built_of_the_same_files() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]]
    assert set(SOURCES) <= set(copied)


class Installed:
    """A wheel in an environment that holds what the wheel asks for and nothing else."""

    def __init__(self, wheel: Path, folder: Path) -> None:
        """Nothing of the checkout is in the environment: `folder` is where commands run."""
        self.folder = folder
        self.bin = folder / "venv" / "bin"
        python = self.bin / "python"
        _uv("venv", "--python", sys.executable, folder / "venv")
        _uv(
            "pip",
            "install",  # what is not imported need not be compiled
            "--python",
            python,
            "--require-hashes",
            "-r",
            ROOT / "requirements.lock",
        )
        _uv("pip", "install", "--python", python, "--no-deps", wheel)
        _uv("pip", "check", "--python", python)
        (self.packages,) = (folder / "venv").glob("lib/python*/site-packages")
        self.serving: subprocess.Popen[str] | None = None

    def start(self, *words: str, **settings: str) -> subprocess.Popen[str]:
        """`tocsin` with these words and settings."""
        return subprocess.Popen(
            [self.bin / "tocsin", *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "COLUMNS": "120"} | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        """(exit code, standard output, standard error)."""
        process = self.start(*words)
        out, err = process.communicate()
        return process.returncode, out, err

    def serve(self) -> str:
        """Start the service; its address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.serving = self.start("serve", TOCSIN_PORT=str(port))
        return f"http://127.0.0.1:{port}"

    def ready(self, address: str) -> bool:
        """Whether the service, which must run, is ready."""
        assert self.serving is not None
        assert self.serving.poll() is None, self.serving.communicate()[1]
        try:
            return httpx.get(f"{address}/readyz", trust_env=False, timeout=HANG).is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """End the service, if it runs."""
        if self.serving is not None:
            self.serving.kill()
            self.serving.communicate()
            self.serving = None


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Iterator[Installed]:
    installed = Installed(wheel, tmp_path)
    yield installed
    installed.stop()
    shutil.rmtree(tmp_path / "venv")


def test_an_installed_wheel_runs_without_the_checkout(installed: Installed) -> None:
    assert installed.run("--version")[:2] == (0, f"tocsin {VERSION}\n")
    code, out, err = installed.run("--help")
    assert (code, "serve" in out) == (0, True), err

    code, _, err = installed.run("migrate")
    newest = ScriptDirectory.from_config(db.config("sqlite://")).get_current_head()
    assert (code, f"at revision {newest}" in err) == (0, True), err
    address = installed.serve()
    until(lambda: installed.ready(address), every=0.1)
    assert VERSION in httpx.get(f"{address}/docs", trust_env=False, timeout=HANG).text
    installed.stop()

    # A replay with a fire in it, in French, reads the lists of words and the translations.
    with (installed.folder / "posts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "published_at", "text", "author"])
        for post in (*ordinary(9), *fire(FIRE_AT)):
            writer.writerow([post.external_id, post.published_at, post.text, post.author])
    replay = ("replay", "posts.csv", "--query", "any of: Vélinor", "--language", "fr", "--out", "told")
    code, out, err = installed.run(*replay)
    assert code == 0, err
    told = installed.folder / "told"
    incidents = [json.loads(line) for line in (told / "incidents.jsonl").read_text("utf-8").splitlines()]
    assert any(row["reason"] == "ignited" for row in incidents)
    assert "DÉPART DE FEU" in (told / "deliveries.jsonl").read_text("utf-8")

    # Another distribution that brings a package `app` writes over this one: no stack trace says so.
    overwritten = installed.packages / "app" / "errors.py"
    overwritten.unlink()  # not written to: it may be a link into uv's cache
    overwritten.touch()
    (installed.packages / "other-1.dist-info").mkdir()
    (installed.packages / "other-1.dist-info" / "METADATA").write_text("Name: other\nVersion: 1\n")
    (installed.packages / "other-1.dist-info" / "RECORD").write_text("app/errors.py,,\n")
    code, _, err = installed.run("--version")
    assert (code, "Traceback" in err) == (1, False)
    assert "damaged" in err
    assert "other" in err


def test_another_package_app_that_is_found_first_is_named(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").touch()
    run = subprocess.run(
        [sys.executable, "-c", "import tocsin; tocsin.main()"],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, "Traceback" in run.stderr) == (1, False)
    assert str(tmp_path / "app") in run.stderr
    assert "PYTHONPATH" in run.stderr


def _uv(*words: str | Path) -> None:
    settings = {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "1"}  # as in the Makefile
    run = subprocess.run([UV, *words], env=os.environ | settings, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
