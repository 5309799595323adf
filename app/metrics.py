"""Prometheus metrics, each with the question that it answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

registry = CollectorRegistry()
posts = Counter("tocsin_posts", "New posts stored.", ["kind"], registry=registry)
runs = Counter("tocsin_source_runs", "Runs of sources.", ["kind", "status"], registry=registry)
deliveries = Counter(
    "tocsin_deliveries", "Deliveries by what became of them.", ["kind", "state"], registry=registry
)
transitions = Counter("tocsin_transitions", "Transitions of incidents.", ["reason"], registry=registry)
cycle_seconds = Histogram("tocsin_cycle_seconds", "How long a pass of the chain takes.", registry=registry)
heartbeats = Counter("tocsin_heartbeats", "Outgoing heartbeats.", ["state"], registry=registry)
last_cycle = Gauge("tocsin_last_cycle_timestamp_seconds", "When the last pass ended.", registry=registry)
step_seconds = Histogram(
    "tocsin_step_seconds", "How long a step of a pass takes.", ["step"], registry=registry
)
faults = Counter(
    "tocsin_faults", "Rows that a step could not work off, by their table.", ["step", "subject"],
    registry=registry,
)  # fmt: skip
faults_open = Gauge(
    "tocsin_faults_open", "Rows that wait for another try, or are set aside.", ["state"], registry=registry
)
clock_jumps = Counter(
    "tocsin_clock_jumps", "Times that the clock was set back, or that no pass was made for long (ahead).",
    ["direction"], registry=registry,
)  # fmt: skip
sources_down = Gauge("tocsin_sources_down", "Sources that cannot be heard.", registry=registry)
source_health = Gauge("tocsin_sources", "Enabled sources by their health.", ["health"], registry=registry)
deliveries_due = Gauge("tocsin_deliveries_due", "Deliveries that wait.", registry=registry)
incidents_open = Gauge("tocsin_incidents_open", "Open incidents.", ["state"], registry=registry)

post_to_bucket = Histogram(
    "tocsin_post_to_bucket_seconds",
    "From a post's publication until it is counted, of streams.",
    buckets=(1, 2, 5, 10, 30, 60, 300, 900),
    registry=registry,
)
stream_lag = Gauge("tocsin_stream_lag_seconds", "How far a stream is behind.", ["source"], registry=registry)

_rehearsing: ContextVar[bool] = ContextVar("rehearsing", default=False)


def count(counter: Counter, *labels: str, by: float = 1) -> None:
    """Count something that really happened; what a replay only rehearses is not counted."""
    if not _rehearsing.get():
        counter.labels(*labels).inc(by)


def observe_step(step: str, seconds: float) -> None:
    """Time one step of a pass that really happens."""
    if not _rehearsing.get():
        step_seconds.labels(step).observe(seconds)


@contextmanager
def rehearsing() -> Iterator[None]:
    """What happens in this block, in this thread, is a replay."""
    before = _rehearsing.set(True)
    try:
        yield
    finally:
        _rehearsing.reset(before)
