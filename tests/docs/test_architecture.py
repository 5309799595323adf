"""The picture and the tables of docs/architecture.md are drawn from the code."""

from importlib import import_module

from app.pipeline import STEPS
from docs.architecture import PAGE, PICTURE, page, picture


def test_the_page_and_its_picture_show_the_steps_and_packages_of_the_code() -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert page(shown) == shown, "write it anew: .venv/bin/python -m docs.architecture"
    assert PICTURE.read_text(encoding="utf-8") == picture(), (
        "draw it anew: .venv/bin/python -m docs.architecture"
    )


def test_each_step_names_the_module_that_says_its_name() -> None:
    for step in STEPS:
        module = import_module(f"app.pipeline.{step.module}")
        assert step.name in vars(module).values(), f"{step.name} does not begin in {step.module}"
