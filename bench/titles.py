"""Titles for looking: samples of what a page would say, on stderr, and figures over all messages, as JSON."""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from pathlib import Path
from typing import Any

from bench.measure import percentile, put, talk
from router.alerts import alert_in, titled
from router.extract import NO_WORDS, about
from router.titles import TITLE, shortened, width

GREETS = re.compile(
    r"^(?:您好|你好|老师|老師|各位|尊敬|大家好|hi\b|hello|dear\b|hey\b|good (?:morning|afternoon))", re.IGNORECASE
)


def add(commands: Any) -> None:
    reader = commands.add_parser("titles", help=__doc__)
    reader.add_argument("files", nargs="*", type=Path, default=sorted(Path("corpus").glob("*.jsonl")))
    reader.add_argument("--samples", type=int, default=40)
    reader.add_argument("--kind", default="", help="only this kind")
    reader.add_argument("--site", action="append", default=[], help="a site that is known")
    reader.add_argument("--seed", type=int, default=1)
    reader.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    rows = [json.loads(line) for file in given.files for line in file.read_text("utf-8").splitlines()]
    rows = [row for row in rows if given.kind in ("", row.get("kind", ""))]
    times, titles = [], []
    for row in rows:
        begun = time.perf_counter()
        titles.append(title(row, given.site))
        times.append(time.perf_counter() - begun)
    for row, said in random.Random(given.seed).sample(
        list(zip(rows, titles, strict=True)), min(given.samples, len(rows))
    ):
        talk(f"[{said}]\n    {' | '.join(filter(None, (row.get('subject'), row['text'])))[:200]!r}")
    put(
        {
            "bench": "titles",
            "messages": len(rows),
            "empty": sum(said in ("", NO_WORDS) for said in titles),
            "too_wide": sum(width(said) > TITLE for said in titles),
            "cut": sum(said.endswith("…") for said in titles),
            "greeting": sum(GREETS.search(said) is not None for said in titles),
            "p50_us": round(percentile(times, 50) * 1e6),
            "p99_us": round(percentile(times, 99) * 1e6),
        }
    )


def title(row: dict[str, Any], sites: list[str]) -> str:
    subject, text = row.get("subject"), row["text"]
    alert = alert_in(subject, text)
    if alert:
        return shortened(titled(subject, text, alert), TITLE)
    fault = row.get("kind", "fault") in ("fault", "followup")
    return about(subject, text, sites=sites, fault=fault).title
