"""The README names what there is; it fails here when something is missing from it."""

import re
from pathlib import Path

import pytest

from app.channels import KINDS as CHANNELS
from app.cli.commands import COMMANDS
from app.settings import Settings
from app.sources import KINDS as SOURCES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"`TOCSIN_{name.upper()}`" in README


@pytest.mark.parametrize("kind", [*(k.name for k in SOURCES), *(k.name for k in CHANNELS)])
def test_every_kind_of_source_and_channel_is_in_the_readme(kind: str) -> None:
    assert re.search(rf"^\| `{kind}` \|", README, re.MULTILINE)


def test_every_command_is_in_the_changelog_and_says_what_it_does() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for listed in COMMANDS:
        assert listed.summary, listed.name
        assert re.search(rf"`(tocsin )?{listed.name}`", changelog), listed.name
