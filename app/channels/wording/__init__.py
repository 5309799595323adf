"""What an alert says: facts in, a document in the watch's language out, in no channel's format."""
