"""`tocsin sources discover`: what a site offers to listen to."""

from typing import Annotated

import typer
import yaml
from rich.console import Console
from rich.text import Text

from app import clock, logs, sources
from app.http_client import open_client
from app.settings import Settings
from app.sources.discover import Found, discover


def discover_sources(
    url: Annotated[str, typer.Argument(help="address of the site: https://brand.example")],
) -> None:
    """Find the feeds, the forum, the accounts and the apps of a site.

    What is found is printed as a file for `tocsin apply`; what needs an account or a key is a comment in it.
    Nothing is set up.
    """
    logs.configure("error", "auto")
    address = url if "://" in url else f"https://{url}"
    with open_client(Settings()) as client:
        found = discover(client, address, now=clock.utc_now())
    people = Console(stderr=True)
    if not found:
        people.print(f"Nothing was found at {address}. A search needs no page: `tocsin sources kinds`.")
        return
    for one in found:
        people.print(Text.assemble((f"{one.kind:12}", "bold"), f" {one.name}  ", (one.why, "dim")))
    Console().print(Text(file_of(found)), soft_wrap=True)


def file_of(found: list[Found]) -> str:
    """The findings as YAML that `tocsin apply` takes."""
    lines = ["sources:"]
    for one in found:
        kind = sources.kind(one.kind)
        missing = [
            name
            for name, field in kind.settings.model_fields.items()
            if field.is_required() and name not in one.settings
        ]
        settings = one.settings | dict.fromkeys(missing, "…")
        entry = {"name": one.name, "kind": one.kind, "settings": settings}
        written = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False).splitlines()
        ready = not (missing or kind.needs or kind.secret == "needed")  # noqa: S105 - a word, not a secret
        if not ready:
            lines.append(f"  # {kind.needs or 'Needs a secret.'}")
        lines += [f"  {line}" if ready else f"  # {line}" for line in written]
    return "\n".join(lines)
