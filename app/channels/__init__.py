"""Where alerts go: one file for each kind of channel, and their list."""

from app.channels import email, slack, terminal, webhook
from app.channels.base import Kind

KINDS: tuple[Kind, ...] = (
    Kind(
        "slack",
        "One message for each fire in a Slack channel, updated in place, with its news in the thread.",
        slack.SlackSettings,
        slack.build,
        secret="optional",  # noqa: S106 - a word, not a secret
    ),
    Kind(
        "email",
        "Each alert as an e-mail with its chart, in HTML and text; its news in the same thread.",
        email.EmailSettings,
        email.build,
        secret="optional",  # noqa: S106 - the same
    ),
    Kind(
        "webhook",
        "A signed POST of each transition to an address of yours.",
        webhook.WebhookSettings,
        webhook.build,
        secret="made",  # noqa: S106 - the same
    ),
    Kind(
        "terminal",
        "Alerts printed where the service runs, for trying it out.",
        terminal.TerminalSettings,
        terminal.build,
    ),
)
