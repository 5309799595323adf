"""What a channel says of a restore from a backup, and of an alert that was lost by it."""

from app.channels.document import Inline, join
from app.channels.notices import LostAlert, Restore
from app.channels.wording.sentences import name, stands_in
from app.channels.wording.words import Words


def restored(news: Restore, words: Words) -> Inline:
    """That it was restored, and what that means for the team."""
    said = words.write(
        "*Tocsin was restored* from a backup of {since}. What it heard and was told since then is lost: what "
        "could be caught up with is told as it stands now. Who took, snoozed or judged an alert since then "
        "does so again.",
        since=words.date(news.since, seen_from=news.at),
    )
    return join(" ", [said, stands_in(news.instead_of, words) if news.instead_of else ""])


def given_up(lost: LostAlert) -> Inline:
    """That nobody knows any more what an alert told."""
    words = Words(lost.language, lost.time_zone)
    return words.write(
        "*{watch}: this alert was lost* when Tocsin was restored from a backup of {since}. What it told was "
        "not found again, and nothing more is told of it here.",
        watch=name(lost.watch),
        since=words.date(lost.since, seen_from=lost.at),
    )
