"""`tocsin sources`: what can be listened to, tried before it is set."""

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.sources_discover import discover_sources
from app.cli.sources_replay import replay
from app.cli.sources_try import try_source
from app.settings import Settings
from app.sources import KINDS
from app.sources.presets import PRESETS

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


@app.command("presets")
def presets() -> None:
    """List the known feeds that a source may be made of by their names alone, as `preset: cert-fr`."""
    french = Settings().language == "fr"
    table = Table("preset", "what it is", show_lines=True)
    for one in PRESETS:
        text = Text(one.summary_fr if french else one.summary)
        text.append("\nlistens to: ", "dim").append(str(one.settings.get("url") or one.settings["query"]))
        if one.asks:
            text.append("\nasks for: ", "dim").append(f"{one.asks}, in its settings")
        text.append("\nits address: ", "dim").append(one.known)
        table.add_row(Text(one.name, "bold"), text)
    Console().print(table)
    Console().print(
        Text(
            "sources:\n  - {name: CERT-FR, preset: cert-fr}\n"
            "  - {name: Forum, preset: phpbb, settings: {forum: https://forum.example.org}}",
            "dim",
        ),
        soft_wrap=True,
    )
