"""Telegram's pages of a public channel: twenty messages, the oldest first, and a link to older ones."""

from collections.abc import Sequence
from datetime import timedelta

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply

_AT_ONCE = 20


def _message(post: Post, number: int) -> str:
    return f"""<div class="tgme_widget_message_wrap"><div class="tgme_widget_message js-widget_message"
      data-post="velinor_officiel/{post.n}" data-number="{number}">
      <a class="tgme_widget_message_owner_name" href="https://t.me/velinor_officiel"><span>Velinor</span></a>
      <div class="tgme_widget_message_text js-message_text">{post.edit or post.text} <b>{post.n}</b></div>
      <span class="tgme_widget_message_views">1.2K</span>
      <a class="tgme_widget_message_date"><time datetime="{post.at.isoformat()}">9</time></a></div></div>"""


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert (request.host, request.path) == ("t.me", "/s/velinor_officiel")
    end = int(request.param("before") or len(posts) + 1) - 1
    start = max(0, end - _AT_ONCE)
    shown = "".join(_message(post, number + 1) for number, post in list(enumerate(posts))[start:end])
    more = (
        f'<a class="tme_messages_more" data-before="{start + 1}" href="?before={start + 1}"></a>'
        if start
        else ""
    )
    page = f'<section class="tgme_channel_history js-message_history">{more}{shown}</section>'
    return Reply(f"<!DOCTYPE html><html><body>{page}</body></html>", headers={"Content-Type": "text/html"})


FAR_END = FarEnd(
    kind="telegram",
    settings={"channels": ["velinor_officiel"]},
    answer=_answer,
    external_id=lambda post: f"velinor_officiel/{post.n}",
    throttled=Reply("", 429, {"Retry-After": "40"}),
    wait=timedelta(seconds=40),
)
