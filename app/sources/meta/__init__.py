"""Meta's Graph API: what people write below the posts of one's own Facebook Page and Instagram account."""
