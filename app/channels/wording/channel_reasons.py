"""Why a channel did not take something: the sentences of e-mail and of Slack, for `reason` to translate."""

from app.channels.wording.words import mark

CHANNEL_SENTENCES = (
    mark("{host} is inside a private network."),
    mark("If that is meant, add the host to TOCSIN_ALLOW_PRIVATE_HOSTS."),
    mark("{where} refuses the address of {why}"),
    mark("{where} takes no mail from {sender}: {why}"),
    mark("{where} refuses the message: {why}"),
    mark("{where} does not take the message now: {why}"),
    mark("{where} refuses the name or the password (SMTP {status}): set user and secret"),
    mark("{where} offers no STARTTLS: set security to tls, or to none"),
    mark("{where} takes no password: leave out user"),
    mark("the certificate of {where} is not trusted: {why}"),
    mark("{where} did not answer in time or in full"),
    mark("{where} cannot be reached: {why}"),
    mark("{where} broke off while it took the mail"),
    mark("e-mail has no password for {name}: set its secret"),
    mark("a password would go over an open line: set security to starttls or tls, or leave out user"),
    mark("Slack has no token: set TOCSIN_SLACK_BOT_TOKEN"),
    mark("Slack cannot be called: {why}"),
    mark("the connection to Slack broke while the message was sent"),
    mark(
        "Slack's address answered HTTP {status} and not what Slack says: check TOCSIN_SLACK_API_URL and the "
        "proxy"
    ),
    mark("Slack says {code} for {where}"),
    mark(
        "Slack says {code} for {where}: check the channel's id, and if it is private, invite the bot with "
        "/invite"
    ),
    mark("Slack says {code} for {where}: invite the bot in that channel with /invite"),
    mark("Slack says {code} for {where}: the channel is archived: un-archive it, or give another"),
    mark("Slack says {code} for {where}: give the Slack app the scope that it lacks and install it again"),
    mark("Slack says {code} for {where}: set TOCSIN_SLACK_BOT_TOKEN"),
    mark("Slack says {code} for {where}: set TOCSIN_SLACK_BOT_TOKEN to the xoxb-… token of the app"),
    mark(
        "Slack says {code} for {where}: the token was revoked: install the Slack app again and set the new "
        "one"
    ),
    mark("Slack says {code} for {where}: the token has expired: set a new one"),
    mark("Slack says {code} for {where}: the bot was switched off: install the Slack app again"),
)
