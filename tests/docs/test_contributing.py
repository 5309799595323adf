"""What CONTRIBUTING, the README and the documents name is there: files, targets, commands, settings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from app.cli import app
from app.cli.commands import Commands, load
from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [*ROOT.glob("README*.md"), ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = ("alembic", "app", "benchmarks", "detectors", "docs", "tests", ".ci", ".githooks")
PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./<>*-]*")
FENCE = re.compile(r"^ *```.*?\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def code() -> Iterator[tuple[str, str]]:
    """(page, code) for each span of code, on one line, and each line of a block, without its comment."""
    for page in PAGES:
        text, name = page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix()
        for block in FENCE.findall(text):
            yield from ((name, re.sub(r"(^|\s)#.*", "", line)) for line in block.splitlines())
        yield from ((name, " ".join(span.split())) for span in re.findall(r"`([^`]+)`", FENCE.sub("", text)))


def test_every_file_that_is_named_is_there() -> None:
    for page, text in code():
        for path in PATH.findall(text):
            # <kind> stands for any name: there must be one such file.
            assert list(ROOT.glob(re.sub(r"<\w+>", "*", path.rstrip("./")))), f"{page}: {path}"


def test_every_link_leads_to_a_file_and_a_heading() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
            path, _, anchor = target.partition("#")
            found = page.parent / path if path else page
            assert found.exists(), f"{page.name}: {target}"
            assert not anchor or anchor in anchors(found), f"{page.name}: {target}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_target_of_make_is_there() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page, text in code():
        assert set(re.findall(r"(?<![\w-])make ([a-z][a-z-]*)", text)) <= targets, f"{page}: {text}"


def test_every_command_and_option_of_tocsin_is_there() -> None:
    for page, text in code():
        for words in re.findall(r"(?<![\w/.-])(?:\.venv/bin/)?tocsin ([^|;&]+)", text):
            command, rest = walked(words.split())
            assert command is not None, f"{page}: there is no command `tocsin {words}`"
            options = {word.partition("=")[0] for word in rest if word.startswith("--")}
            known = {name for parameter in command.params for name in parameter.opts}
            assert options <= known | {"--help"}, f"{page}: tocsin {words}"


def walked(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, or None if there is none, and what is given to it."""
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands") and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        known, word, words = command.commands, words[0], words[1:]
        command = load(word) if known.get(word) and isinstance(command, Commands) else known.get(word)
    if words and hasattr(command, "usual"):
        command = command.commands[command.usual]
    return command, words


def test_every_setting_that_is_named_is_there() -> None:
    known = {f"TOCSIN_{name.upper()}" for name in Settings.model_fields}
    for page in PAGES:
        named = set(re.findall(r"\bTOCSIN_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
        assert named <= known, page.name


def test_every_decision_is_in_the_index_under_its_own_title() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(folder.glob("[0-9]*.md"))
    assert len(records) >= 10
    for record in records:
        number, title = record.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(" ", 1)
        assert f"| [{number}]({record.name}) | {title} |" in index
        assert record.name.startswith(f"{number}-")
