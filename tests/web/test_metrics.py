"""Figures that are read at each scrape."""

from bot import ports
from bot.web import Metrics


def test_gauges_are_read_at_each_scrape():
    jobs = {("ready",): 1.0}
    metrics = Metrics()
    metrics.watch("countersign_jobs", "Jobs by state.", ["state"], lambda: jobs)
    jobs["dead",] = 2.0
    text = metrics.render().decode()
    assert 'countersign_jobs{state="ready"} 1.0' in text
    assert 'countersign_jobs{state="dead"} 2.0' in text


def test_a_store_that_is_away_leaves_its_gauges_out():
    def away():
        raise ports.Retryable("away")

    metrics = Metrics()
    metrics.watch("countersign_jobs", "Jobs by state.", ["state"], away)
    text = metrics.render().decode()
    assert "countersign_jobs" not in text
    assert "process_resident_memory_bytes" in text


def test_calls_are_counted_by_route():
    metrics = Metrics()
    metrics.call("GET", "/orgs/{org}/memberships/{username}", 200, 0.02)
    labels = 'method="GET",route="/orgs/{org}/memberships/{username}",status="200"'
    assert f"countersign_github_call_seconds_count{{{labels}}} 1.0" in metrics.render().decode()
