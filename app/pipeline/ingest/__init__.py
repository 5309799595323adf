"""What sources answer in; posts, mentions, and five-minute buckets with their coverage out."""
