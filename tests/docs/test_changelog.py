"""The changelog is cut into releases, and the newest is the version that the code says it has."""

import re
import tomllib
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}

HEADINGS = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
RELEASES = [heading for heading in HEADINGS if heading != "[Unreleased]"]


def test_the_version_is_the_newest_release() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert RELEASES[0].startswith(f"[{project['version']}] - ")
    assert version("tocsin") == project["version"], "set up anew: make .venv/.ready-test"


def test_releases_have_a_number_and_a_day_and_the_newest_is_first() -> None:
    assert "[Unreleased]" not in HEADINGS[1:]
    read = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d)", heading) for heading in RELEASES]
    cut = [((int(m[1]), int(m[2]), int(m[3])), date.fromisoformat(m[4])) for m in read if m is not None]
    assert len(cut) == len(RELEASES)
    assert cut == sorted(cut, reverse=True)
    assert len({number for number, _ in cut}) == len(cut)


def test_what_changed_is_sorted_by_what_it_means_to_users() -> None:
    for release in re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.+)$", release, re.MULTILINE)
        assert kinds, release.splitlines()[0]
        assert set(kinds) <= KINDS
        assert len(set(kinds)) == len(kinds), f"each kind once: {release.splitlines()[0]}"
