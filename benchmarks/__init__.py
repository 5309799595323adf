"""Speed and memory, each measured beside a limit in the same run."""
