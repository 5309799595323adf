"""What people change, each change checked and written to the audit log."""
