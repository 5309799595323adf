"""The desk: where what people press and type in Slack is taken, over HTTP or over Slack's socket."""
