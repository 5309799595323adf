"""Where alerts go: one file or folder for each kind of channel, and their list."""

from app.channels import terminal, webhook
from app.channels.apprise import transport as apprise_transport
from app.channels.base import Kind
from app.channels.email import transport as email_transport
from app.channels.slack import transport as slack_transport

KINDS: tuple[Kind, ...] = (
    Kind(
        "slack",
        "One message for each fire in a Slack channel, updated in place, with its news in the thread.",
        slack_transport.SlackSettings,
        slack_transport.build,
        secret="optional",  # noqa: S106 - a word, not a secret
        takes_reports=True,
        probed=True,
    ),
    Kind(
        "email",
        "Each alert as an e-mail with its chart, in HTML and text; its news in the same thread.",
        email_transport.EmailSettings,
        email_transport.build,
        secret="optional",  # noqa: S106 - the same
        takes_reports=True,
        probed=True,
    ),
    Kind(
        "webhook",
        "A signed POST of each transition to an address of yours.",
        webhook.WebhookSettings,
        webhook.build,
        secret="made",  # noqa: S106 - the same
    ),
    Kind(
        "apprise",
        "Alerts as short texts by a chat, a push, a pager, a text message or a call.",
        apprise_transport.AppriseSettings,
        apprise_transport.build,
        secret="needed",  # noqa: S106 - the same
        secret_flaw=apprise_transport.flaw,
        probed=True,
    ),
    Kind(
        "terminal",
        "Alerts printed where the service runs, for trying it out.",
        terminal.TerminalSettings,
        terminal.build,
    ),
)
