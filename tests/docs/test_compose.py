"""What `docker compose up` gives to the service: every setting there is, and no password in an address."""

from pathlib import Path

import yaml

from app.settings import Settings

ROOT = Path(__file__).parents[2]
# Those that the image says itself, or that only make sense in a shell.
OWN = {"TOCSIN_DATA_DIR", "TOCSIN_HOST", "TOCSIN_PORT", "TOCSIN_LOG_FORMAT"}


def test_each_setting_is_passed_on() -> None:
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["tocsin"]
    passed = {line.partition("=")[0] for line in service["environment"]}
    assert passed - {"PGPASSWORD"} == {f"TOCSIN_{name.upper()}" for name in Settings.model_fields} - OWN
    image = (ROOT / "Dockerfile").read_text()
    assert all(name in image for name in OWN - {"TOCSIN_PORT"})


def test_the_password_is_part_of_no_address() -> None:
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["tocsin"]
    assert [line for line in service["environment"] if "POSTGRES_PASSWORD" in line] == [
        "PGPASSWORD=${POSTGRES_PASSWORD:?set it}"
    ]


def test_the_image_holds_what_the_build_needs_and_no_secret() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", "var", ".git", "tests"} <= set(ignored)
    copied = [
        word
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY")
        for word in line.split()[1:-1]
        if not word.startswith("--")
    ]
    assert not {word.rstrip("/") for word in copied} & set(ignored)
