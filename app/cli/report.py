"""`tocsin report`: the report of a fire, a week or a month, and the team's own words in it."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from sqlalchemy.orm import Session
from typer.core import TyperGroup

from app.admin import reports
from app.admin.change import get_by_name, get_or_404
from app.admin.report_sending import send_report
from app.channels.notices import known_language
from app.channels.report.facts import Report
from app.channels.report.formats import Format, drawn
from app.cli.keys import actor
from app.errors import BadInput
from app.models import Channel, Incident, Watch
from app.pipeline.reports.period_report import period_report
from app.pipeline.reports.story_report import story_report
from app.runtime import Runtime, open_runtime
from app.settings import Settings


class _Shows(TyperGroup):
    """A group that shows a report unless it is told to do something else."""

    usual = "show"  # the command that is meant where none is named

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - a type that Typer keeps private
        """What is given, with the usual command before it where none is."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [self.usual, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="report",
    cls=_Shows,
    no_args_is_help=True,
    help="Reports of fires, weeks and months; what the team adds to them.",
)
IncidentId = Annotated[int, typer.Argument(metavar="INCIDENT", min=1, help="its number")]
_ENDINGS: dict[str, Format] = {".md": "md", ".html": "html", ".htm": "html", ".pdf": "pdf"}


@app.command()
def show(
    incident: Annotated[
        int, typer.Argument(metavar="[INCIDENT]", min=0, show_default=False, help="number of the incident")
    ] = 0,
    watch: Annotated[str, typer.Option(help="of this watch, for a week or a month")] = "",
    week: Annotated[bool, typer.Option("--week", help="the last week that is over")] = False,
    month: Annotated[bool, typer.Option("--month", help="the last month that is over")] = False,
    period: Annotated[str, typer.Option(help="another: 2026-W48 or 2026-11")] = "",
    language: Annotated[
        Literal["en", "fr"] | None, typer.Option(help="of its words; else that of the watch's alerts")
    ] = None,
    form: Annotated[
        Literal["md", "html", "pdf"] | None,
        typer.Option("--format", help="else as the name of the file ends, or md"),
    ] = None,
    to: Annotated[Path | None, typer.Option("-o", "--to", help="file to write; else it is shown")] = None,
    send: Annotated[str, typer.Option(help="send it to the channel of this name, by e-mail or Slack")] = "",
) -> None:
    """Show the report of INCIDENT, or that of a week or a month of a watch."""
    asked = [one for one, given in (("week", week), ("month", month), (period, bool(period))) if given]
    if bool(incident) == bool(watch) or len(asked) > 1 or (asked and not watch):
        raise BadInput(
            "say which report: the number of an incident, or --watch NAME with --week, --month or --period"
        )
    chosen = asked[0] if asked else "week"
    if send:
        typer.echo(_send(incident, watch, chosen, send, language or ""))
        return
    wanted = form or (_ENDINGS.get(to.suffix.lower(), "md") if to else "md")
    if wanted == "pdf" and to is None and sys.stdout.isatty():
        raise BadInput("a PDF is no text to be shown: give it a file with -o report.pdf")
    with open_runtime(Settings()) as runtime, runtime.sessions() as session:
        report, spoken = _report(runtime, session, incident, watch, chosen)
    made = drawn(report, language or spoken, wanted)
    if to is None:
        sys.stdout.buffer.write(made)
    else:
        to.write_bytes(made)


def _report(
    runtime: Runtime, session: Session, incident_id: int, watch_name: str, period: str
) -> tuple[Report, str]:
    """(the report, the language of its watch)."""
    now, report = runtime.now(), None
    if incident_id:
        watch = get_or_404(session, Watch, get_or_404(session, Incident, incident_id).watch_id)
        report = story_report(session, incident_id, now=now)
    else:
        watch = get_by_name(session, Watch, watch_name, "#/watch")
    spoken = known_language(watch.language, runtime.settings.language)
    return report or period_report(session, watch.id, period, now=now), spoken


def _send(incident_id: int, watch_name: str, period: str, channel_name: str, language: str) -> str:
    with open_runtime(Settings()) as runtime:
        with runtime.sessions() as session:
            channel_id = get_by_name(session, Channel, channel_name, "#/send").id
            about: int | tuple[int, str] = incident_id
            if watch_name:
                about = get_by_name(session, Watch, watch_name, "#/watch").id, period
        return send_report(
            runtime.sessions,
            runtime.chain.delivery,
            about,
            channel_id,
            language=language,
            by=actor(),
            now=runtime.now(),
        )


@app.command()
def edit(
    incident: IncidentId,
    summary: Annotated[str | None, typer.Option(help="what happened, in the team's words")] = None,
    to_change: Annotated[str | None, typer.Option(help="what the team will do otherwise")] = None,
    remarks: Annotated[str | None, typer.Option(help="what else should be said")] = None,
) -> None:
    """Write the team's own words into the report of INCIDENT; `-` reads them from standard input."""
    given = {"summary": summary, "to_change": to_change, "remarks": remarks}
    changes = {name: _text(text) for name, text in given.items() if text is not None}
    if not changes:
        raise BadInput("say what to write: --summary, --to-change or --remarks")
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        reports.edit(session, incident, changes, by=actor(), now=runtime.now())
    typer.echo(f"written: {', '.join(name.replace('_', ' ') for name in changes)} of incident {incident}")


def _text(given: str) -> str:
    return sys.stdin.read() if given == "-" else given
