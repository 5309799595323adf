"""What happened in; what is told out of turn or on a calendar out: notices, bulletins, proposals."""
