"""What reading is worth, beside its peers."""
