"""`tocsin forget`: an author or a post, out of every copy that Tocsin can reach."""

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app import logs
from app.admin import forgetting
from app.cli.keys import actor
from app.pipeline.forgetting import purge_words
from app.runtime import Runtime, open_runtime
from app.settings import Settings


def forget(
    word: Annotated[
        str, typer.Argument(metavar="AUTHOR|URL", help="a name as posts are signed, or a post's address")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Forget all posts of an author, or one post, for good; shows what it takes, and asks first.

    They go from the posts, the mentions, the labels, what incidents show, the record of what was sent, and,
    at the next pass, from messages in Slack. The counts stay, and what others wrote. A list of keyed hashes
    beside the database keeps them from coming again, by a feed or a restored backup; new posts are heard.

    Exit codes: 0 done; 1 nothing is known of it, or not wanted.
    """
    logs.configure("warning", "auto")
    console = Console()
    with open_runtime(Settings()) as runtime:
        found = _forget(runtime, word, only_look=True)
        if found.is_nothing:
            console.print(Text(f"Nothing is known of {word}.", "yellow"))
            raise typer.Exit(1)
        _show(console, found)
        if not yes and not typer.confirm("It cannot be undone. Forget it?"):
            raise typer.Exit(1)
        _forget(runtime, word, only_look=False)
    console.print(Text("It is forgotten.", "bold green"))


def _forget(runtime: Runtime, word: str, *, only_look: bool) -> forgetting.Forgotten:
    with runtime.sessions() as session:
        found = forgetting.forget(session, word, keyed=runtime.vault.derive, by=actor(), now=runtime.now())
        if only_look:
            session.rollback()
        else:
            if runtime.ingest.forgotten is not None:
                runtime.ingest.forgotten.note(forgetting.words_of(word.strip()), now=runtime.now())
            purge_words(session)
            session.commit()
    return found


def _show(console: Console, found: forgetting.Forgotten) -> None:
    reached = found.reached
    console.print(f"Posts: {reached.posts}, with {reached.labels} labels")
    console.print(f"Moments of incidents that show them: {len(reached.transitions)}")
    console.print(f"Records of what was sent: {reached.records}; their texts go, that it was sent stays")
    console.print(f"Messages that are edited in Slack: {reached.messages if found.told.get('slack') else 0}")
    console.print(f"Texts of the team that name it: {found.logged}; the rest of each stays")
    beyond = [f"{count} by {kind}" for kind, count in sorted(found.told.items()) if kind != "slack"]
    sent = f" (sent: {', '.join(beyond)})" if beyond else ""
    console.print(f"Out of reach: e-mails, webhooks and downloads stay with those who have them{sent}")
