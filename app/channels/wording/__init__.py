"""What an alert says: facts in, sentences in the watch's language out, in no channel's format."""
