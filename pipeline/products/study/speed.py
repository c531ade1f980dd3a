"""How fast a model reads texts, what memory it takes, and what a million products cost."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from pipeline.products.study.document import Settings, Speed

_MEBIBYTE = 2**20
_MILLION = 1_000_000


def resident() -> int:
    """Memory of this process, in bytes (Linux; elsewhere 0)."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if status.is_file() else 0


def speed(
    answer: Callable[[str], object],
    texts: Sequence[str],
    *,
    processor_seconds: float,
    memory: int,
    size: int,
    settings: Settings,
) -> Speed:
    """Measures the latency of single texts and puts it beside what reading all of them took.

    Args:
        answer: from one text to its category.
        texts: the products' texts; latency is that of the first ``settings.latency_texts``.
        processor_seconds: CPU time of all threads that reading all texts took.
        memory: bytes that loading and reading added to the process.
        size: bytes of the model.
        settings: price of a CPU hour, and how many texts' latency is measured.
    """
    waits = []
    for text in texts[: settings.latency_texts]:
        began = time.perf_counter()
        answer(text)
        waits.append(1000 * (time.perf_counter() - began))
    per_text = processor_seconds / len(texts)
    return Speed(
        documents_per_second=1 / per_text,
        p50_milliseconds=float(np.quantile(waits, 0.5)),
        p99_milliseconds=float(np.quantile(waits, 0.99)),
        memory_mebibytes=max(0.0, memory / _MEBIBYTE),
        size_mebibytes=size / _MEBIBYTE,
        cost_per_million=_MILLION * per_text / 3600 * settings.cpu_hour_price,
    )
