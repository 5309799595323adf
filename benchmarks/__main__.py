"""All speed benchmarks, one after the other: `python -m benchmarks`."""

from benchmarks import alerting, ingest, long_incident, markup, polling, streaming
from benchmarks.detection import speed


def main() -> None:
    """Print the figures of each."""
    ingest.main()
    markup.main()
    alerting.main()
    long_incident.main()
    polling.main()
    streaming.main()
    speed.measure()


if __name__ == "__main__":
    main()
