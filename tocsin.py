"""The command `tocsin`: makes sure that the package `app` is the one of Tocsin, then runs it.

`app` is a name that others use as well. Where another one is found first, a sentence says so; the module that
says it must stand outside of `app`.
"""

import sys
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

OURS = Path(__file__).resolve().with_name("app") / "__init__.py"


def main() -> None:
    """Run the command line; ends with 1 and a sentence where the package `app` is not Tocsin's."""
    spec = find_spec("app")
    found = Path(spec.origin).resolve() if spec is not None and spec.origin is not None else None
    if found != OURS:
        sys.exit(
            f"Tocsin needs its own package `app`, which is {OURS.parent}; Python finds another one first, "
            f"{found}. Take that one off PYTHONPATH, or install Tocsin in an environment of its own."
        )
    try:
        from app.cli import main as run  # noqa: PLC0415 - only now is it known whose `app` that is

        run()  # it imports what the command needs
    except ImportError as error:
        others = _others()
        if not others or (error.name or "").partition(".")[0] != "app":
            raise
        sys.exit(
            f"Tocsin's package `app` is damaged ({error}): {', '.join(others)} brought another one into the "
            f"same folder, {OURS.parent}. Install Tocsin in an environment of its own."
        )


def _others() -> list[str]:
    """Distributions beside Tocsin that bring a package `app`."""
    return sorted(set(packages_distributions().get("app", ())) - {"tocsin"})
