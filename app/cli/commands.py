"""The commands of `tocsin`: what each is for, and where it is. One is imported when it is run."""

import gc
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from typer import Typer
from typer.core import TyperGroup
from typer.main import get_command


@dataclass(frozen=True, slots=True)
class Listed:
    """A command as the list of all commands shows it; `attribute` is a function, or a Typer with its own."""

    name: str
    module: str
    attribute: str
    summary: str  # the first sentence of its own help


COMMANDS = (
    Listed("serve", "serve", "serve", "Start the service: the chain on its beat, and the REST API."),
    Listed(
        "cycle", "serve", "cycle",
        "Run one pass of the chain and stop: for a cron job, or to try a configuration.",
    ),
    Listed(
        "demo", "demo", "demo",
        "Replay a week of posts about a made-up brand through the real chain, and show what Slack would "
        "show.",
    ),
    Listed(
        "check", "check", "check",
        "Check the settings, the database, channels, routes and sources; say what is wrong and how to mend "
        "it.",
    ),
    Listed(
        "apply", "apply", "apply",
        "Make the settings what FILE says, by name: change what differs, make what is missing, delete "
        "nothing.",
    ),
    Listed(
        "export", "export", "export",
        "Write all settings into FILE, as `tocsin apply` takes them back: people, rotas, watches and more.",
    ),
    Listed(
        "preview", "preview", "preview",
        "Show what WATCH would have rung under another policy: each alarm gained, lost, earlier or later.",
    ),
    Listed(
        "replay", "replay", "replay",
        "Replay an archive of posts through the live chain, on the archive's own clock.",
    ),
    Listed(
        "detect", "detect", "detect",
        "Score series of counts: evidence of a fire (`score`) and of a burst (`flash`) for each row.",
    ),
    Listed(
        "mentions", "mentions", "mentions_of",
        "List the newest mentions that hold all of WORDS, or write all of them into a file.",
    ),
    Listed(
        "tone", "tone", "tone",
        "Show how the tone of WATCH's posts is judged: by default, or as its team taught, with its gain.",
    ),
    Listed(
        "relevance", "relevance", "relevance",
        "Show how many posts are set aside as not about WATCH, and how well that was measured to do.",
    ),
    Listed(
        "drill", "drill", "drill",
        "Tell the real channels of a made-up fire, marked as a drill, and time the team.",
    ),
    Listed(
        "emergency", "emergency", "emergency",
        "Watch BRAND from now on, and ring at so many mentions an hour until it has learnt what is usual.",
    ),
    Listed(
        "forget", "forget", "forget",
        "Forget all posts of an author, or one post, for good; shows what it takes, and asks first.",
    ),
    Listed(
        "backup", "backup", "backup",
        "Back up the database and the key of stored secrets, as one file, while the service runs.",
    ),
    Listed(
        "restore", "backup", "restore",
        "Put a backup back into an empty database, with the service stopped; whole, or not at all.",
    ),
    Listed(
        "sign-in", "sign_in", "make_link",
        "Print a link that signs a person in to the console: once, within three days.",
    ),
    Listed("migrate", "serve", "migrate", "Bring the tables of the database to the newest revision."),
    Listed("crisis", "crisis", "app", "How the team carries an incident."),
    Listed("duty", "duty", "app", "Who is on duty, and when."),
    Listed("report", "report", "app", "Reports of fires, weeks and months; what the team adds to them."),
    Listed("faults", "faults", "app", "What the chain could not work off."),
    Listed("keys", "keys", "app", "Keys of the REST API, and the key of stored secrets."),
    Listed("query", "query", "app", "Try what a watch would listen for."),
    Listed("slack", "slack", "app", "People in Slack: who may act on incidents."),
    Listed("sources", "sources", "app", "What can be listened to: the kinds, a try, saved answers."),
)  # fmt: skip


class Commands(TyperGroup):
    """A group that knows its commands by the list, and loads the one that is asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - types that Typer keeps private
        """(the name, the command, what is given to it), or an error that names what is alike."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and load(str(name)), rest


def register(app: Typer) -> None:
    """Put the list of commands into the program, whose class must be `Commands`."""
    for listed in COMMANDS:
        app.command(listed.name, help=listed.summary)(_not_loaded)


def load(name: str) -> Any:  # noqa: ANN401 - a type that Typer keeps private
    """The command itself, ready to be run."""
    listed = next(one for one in COMMANDS if one.name == name)
    gc.disable()  # what is imported stays: to look through it for what could go takes a sixth of the time
    try:
        found = getattr(import_module(f"app.cli.{listed.module}"), listed.attribute)
    finally:
        gc.enable()
    group = Typer(add_completion=False)
    group.callback()(_not_loaded)
    if isinstance(found, Typer):
        group.add_typer(found, name=name)
    else:
        group.command(name)(found)
    made: Any = get_command(group)
    return made.commands[name]


def _not_loaded() -> None:
    """Stand for a command that is not loaded."""
