"""What a scrape tells of a bot that works, and whether the alerts that we ship know it."""

import re
import time
from pathlib import Path

from bot import VERSION
from tests.journeys.digests import digests, next_day
from tests.journeys.outside import GUNICORN, outside
from tests.journeys.stage import Stage, until

CONFIG = Path(__file__).resolve().parents[2] / "config"


def test_a_scrape_tells_what_was_decided_and_what_waits(daily: Stage) -> None:
    acme = daily.organization("acme")
    began = daily.clock.now().timestamp()
    waiting = "countersign_oldest_request_timestamp_seconds"
    assert waiting not in daily.metrics()
    here, number = acme.asked(name="here")
    elsewhere, _ = acme.asked(name="elsewhere")
    told = daily.metrics()
    assert abs(told[waiting] - here.created_at.timestamp()) < 2
    assert told[f'countersign_build_info{{version="{VERSION}"}}'] == 1
    next_day(daily)
    until(lambda: digests(acme), "a digest")
    acme.obeyed(acme.olga, number, "/approve")
    daily.gh.review(elsewhere, "deny", "no", acme.otto)
    until(lambda: waiting not in daily.metrics(), "two decisions")
    daily.sweep()
    told = daily.metrics()
    assert told['countersign_decisions_total{outcome="approved",way="person"}'] == 1
    assert told['countersign_decisions_total{outcome="denied",way="elsewhere"}'] == 1
    assert told["countersign_decision_seconds_count"] == 2
    assert told['countersign_jobs{state="failed"}'] == 0
    assert told['countersign_github_rate_limit_remaining{resource="core"}'] > 0
    assert told["countersign_last_digest_timestamp_seconds"] > began
    assert told["countersign_last_sweep_timestamp_seconds"] > time.time()  # the story is ahead


def test_the_alerts_name_metrics_that_there_are(daily: Stage) -> None:
    acme = daily.organization("acme")
    acme.asked()
    next_day(daily)
    until(lambda: digests(acme), "a digest")
    daily.sweep()
    there = set(daily.metrics())
    there |= {name.partition("{")[0] for name in there}
    named = set(re.findall(r"\bcountersign_\w+(?:{[^}]+})?", (CONFIG / "alerts.yml").read_text()))
    assert len(named) > 5
    assert named <= there, "what an alert counts is there before it happens: `increase` needs that"


def test_what_a_killed_gunicorn_counted_in_is_removed_at_the_next_start(tmp_path: Path) -> None:
    """Never the folder of one that lives."""
    with outside(tmp_path, start=False, TMPDIR=str(tmp_path), WEB_CONCURRENCY="1") as scene:
        killed = scene.start_bot(*GUNICORN)
        (left,) = tmp_path.glob("countersign-metrics-*")
        killed.kill()
        living = scene.start_bot(*GUNICORN)
        (new,) = tmp_path.glob("countersign-metrics-*")
        assert new != left
        scene.start_bot(*GUNICORN)
        assert len(list(tmp_path.glob("countersign-metrics-*"))) == 2
        assert living.get("/metrics").status_code == 200
