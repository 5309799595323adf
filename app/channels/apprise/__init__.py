"""Services that the library apprise knows: chats, pushes, pagers, text messages and calls."""
