"""What is counted for Prometheus; one registry per house, so that two in one process do not mix."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, generate_latest


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._inbound = Counter(
            "yizhan_inbound_total", "What came in by webhook", ["channel", "outcome"], registry=self.registry
        )

        self._opinions = Counter(
            "yizhan_second_opinions_total", "What became of second opinions", ["outcome"], registry=self.registry
        )

        self._heartbeats = Counter(
            "yizhan_heartbeats_total", "What became of heartbeats", ["outcome"], registry=self.registry
        )

    def heartbeat(self, outcome: str) -> None:
        """Count a heartbeat: sent, failed, held_back."""
        self._heartbeats.labels(outcome).inc()

    def opinion(self, outcome: str, count: int = 1) -> None:
        """Count second opinions: what followed from them, or why there was none."""
        if count:
            self._opinions.labels(outcome).inc(count)

    def inbound(self, channel: str, outcome: str, count: int = 1) -> None:
        """Count requests or messages: accepted, refused, malformed, failed, broken_off, unavailable."""
        self._inbound.labels(channel, outcome).inc(count)

    def text(self) -> bytes:
        """Return the exposition format."""
        return generate_latest(self.registry)
