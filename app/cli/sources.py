"""`tocsin sources`: what can be listened to, tried before it is set."""

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.sources_discover import discover_sources
from app.cli.sources_replay import replay
from app.cli.sources_try import try_source
from app.sources import KINDS

app = typer.Typer(
    name="sources", help="What can be listened to: the kinds, a try, saved answers.", no_args_is_help=True
)
app.command("try")(try_source)
app.command("discover")(discover_sources)
app.command("replay")(replay)


@app.command("kinds")
def kinds() -> None:
    """List the kinds of sources: what each gives, what it needs, and what it costs."""
    table = Table("kind", "what it is", show_lines=True)
    for kind in KINDS:
        names = [
            name if field.is_required() else f"[{name}]" for name, field in kind.settings.model_fields.items()
        ]
        secret = {"needed": "a secret", "optional": "a secret, if you have one"}.get(kind.secret, "")
        needs = (kind.needs or secret or "nothing").rstrip(".")
        facts = {
            "gives": kind.gives or "posts",
            "needs": needs if kind.starts else f"{needs}. Starts switched off",
            "costs": kind.price or "nothing",
            "settings": " ".join(names),
        }
        text = Text(kind.summary)
        for name, fact in facts.items():
            text.append(f"\n{name}: ", "dim").append(fact)
        table.add_row(Text(kind.name, "bold"), text)
    Console().print(table)
