"""What runs before a commit is what `make lint` runs, however it is switched on."""

import os
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_hooks_of_pre_commit_are_the_commands_of_make_lint() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    (recipe,) = re.findall(r"^lint:.*\n((?:\t.+\n)+)", makefile, re.MULTILINE)
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert [hook["entry"] for hook in hooks] == [line.strip() for line in recipe.splitlines()]
    assert {repo["repo"] for repo in config["repos"]} == {"local"}, "nothing is fetched"
    assert {hook["language"] for hook in hooks} == {"system"}, "nothing is fetched"


def test_the_hook_of_git_runs_make_lint() -> None:
    hook = ROOT / ".githooks" / "pre-commit"
    assert os.access(hook, os.X_OK)
    assert hook.read_text(encoding="utf-8").splitlines()[-1].split() == [
        "exec", "make", "--no-print-directory", "lint",
    ]  # fmt: skip
