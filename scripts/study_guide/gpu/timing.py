"""How the measurements on a GPU are timed.

Device work is asynchronous, so it is timed with events in its own stream:
after warm-up, a pair of events a repeat, the host waiting only at the end.
What a launch costs is left in where calls are issued one by one (`time`) and
left out where they are captured in a graph and replayed (`Replay`).
"""

import gc
import statistics
import subprocess
import threading
import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from study_guide.gpu.records import FEWEST_REPEATS

METHOD = (
    "PyTorch; on the GPU times between two CUDA events in one stream, on the "
    "CPU wall time. At least three calls of warm-up, then ten or more "
    "repeats; ms is the median, ms_low and ms_high the quartiles. Way "
    "'graph': calls captured in a CUDA graph and replayed, launches by the "
    "host left out; way 'eager': issued one by one from Python. Inputs are "
    "random, and what is timed reads several times the L2 cache: layers of "
    "their own weights in turn, or tensors beyond its size; attention by "
    "length alone replays the same inputs, and short ones stay in it. "
    "moved_bytes and flop are the least that the result needs, not counters. "
    "Clocks as found, read by nvidia-smi five times a second while the GPU "
    "was busy; least, median, greatest."
)
_WARM_UPS = 3
_MOST_REPEATS = 60
_ENOUGH_MS = 200.0
_LONGEST_MS = 2500.0


@dataclass(frozen=True)
class Timing:
    """Milliseconds a call: median and quartiles of `repeats`."""

    ms: float
    low: float
    high: float
    repeats: int

    def fields(self) -> dict[str, float | int]:
        """As fields of a row; five digits are finer than any spread."""
        return {
            "ms": _five_digits(self.ms),
            "ms_low": _five_digits(self.low),
            "ms_high": _five_digits(self.high),
            "repeats": self.repeats,
        }


def _five_digits(value: float) -> float:
    return float(f"{value:.5g}")


def summary(times: list[float], calls: int) -> Timing:
    """Of times in ms, each of `calls` calls."""
    low, middle, high = statistics.quantiles(
        [one / calls for one in times], n=4, method="inclusive"
    )
    return Timing(middle, low, high, len(times))


def time(
    call: Callable[[], object], device: str, calls: int = 1, inside: int = 1
) -> Timing:
    """Times `call`, `calls` times a repeat, each doing `inside` equal parts.

    The result is per part. Repeats fill a fifth of a second, within bounds.
    Raises RuntimeError where a call takes too long to be repeated.
    """
    (first,) = _repeat(call, device, 1, 1)
    if first > _LONGEST_MS:
        raise RuntimeError(f"a call takes {first / 1e3:.1f} s, not repeated")
    for _ in range(_WARM_UPS - 1):
        call()
    sample = _repeat(call, device, calls, 2)
    enough = _ENOUGH_MS / max(min(sample), 1e-3)
    repeats = int(min(max(enough, FEWEST_REPEATS), _MOST_REPEATS))
    return summary(_repeat(call, device, calls, repeats), calls * inside)


def _repeat(
    call: Callable[[], object], device: str, calls: int, repeats: int
) -> list[float]:
    if device == "cpu":
        times = []
        for _ in range(repeats):
            started = clock.perf_counter()
            for _ in range(calls):
                call()
            times.append(1e3 * (clock.perf_counter() - started))
        return times
    pairs = []
    torch.cuda.synchronize()
    for _ in range(repeats):
        pair = [torch.cuda.Event(enable_timing=True) for _ in range(2)]
        pair[0].record()
        for _ in range(calls):
            call()
        pair[1].record()
        pairs.append(pair)
    torch.cuda.synchronize()
    return [one.elapsed_time(other) for one, other in pairs]


@contextmanager
def replay(
    call: Callable[[], object], device: str
) -> Iterator[Callable[[], object]]:
    """`call` as a captured CUDA graph; on the CPU `call` itself."""
    if device == "cpu":
        yield call
        return
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(_WARM_UPS):
            call()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    try:
        yield graph.replay
    finally:
        torch.cuda.synchronize()
        graph.reset()
        del graph


def time_graph(
    call: Callable[[], object], device: str, inside: int = 1
) -> Timing:
    """Times replays of `call`, captured once; per one of `inside` parts."""
    with replay(call, device) as again:
        return time(again, device, inside=inside)


def clean(device: str) -> None:
    """Give back what earlier cases held, so that none stands in another's
    way."""
    gc.collect()
    if device != "cpu":
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def peak_bytes(call: Callable[[], object], device: str) -> int:
    """Bytes that `call` allocates at most beyond what is live before it."""
    if device == "cpu":
        call()
        return 0
    clean(device)
    before = torch.cuda.memory_allocated()
    result = call()
    torch.cuda.synchronize()
    peak: int = torch.cuda.max_memory_allocated() - before
    del result
    return peak


def kernels(call: Callable[[], object], device: str) -> list[str]:
    """Names of the kernels that `call` launches, longest first.

    Empty where the profiler has no access to the card.
    """
    if device == "cpu":
        return []
    from torch.profiler import ProfilerActivity, profile

    call()
    torch.cuda.synchronize()
    both = [ProfilerActivity.CUDA, ProfilerActivity.CPU]
    try:
        with profile(activities=both, acc_events=True) as seen:
            call()
            torch.cuda.synchronize()
        found = [
            (event.time_range.elapsed_us(), event.name)
            for event in seen.events()
            if event.device_type == torch.autograd.DeviceType.CUDA
            and not event.name.startswith(("Memset", "Memcpy"))
        ]
    except (RuntimeError, AttributeError) as error:
        print(f"profiler: {error}", flush=True)
        return []
    return [name for _, name in sorted(found, reverse=True)]


class Clocks:
    """Samples of the card's clocks and power while a part runs."""

    _QUERY = "utilization.gpu,clocks.sm,clocks.mem,power.draw,temperature.gpu"
    _NAMES = ("sm_mhz", "memory_mhz", "power_w", "temperature_c")

    def __init__(self) -> None:
        self._rows: list[list[float]] = []
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Clocks":
        command = ["nvidia-smi", f"--query-gpu={self._QUERY}", "-lms", "200"]
        try:
            self._process = subprocess.Popen(
                [*command, "--format=csv,noheader,nounits", "--id=0"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        except OSError:  # no driver, so no clocks
            return self
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        for line in self._process.stdout:
            try:
                busy, *readings = (float(one) for one in line.split(","))
            except ValueError:  # a card that does not tell
                continue
            if busy:
                self._rows.append(readings)

    def __exit__(self, *_: Any) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def spread(self) -> dict[str, list[float]]:
        """Name -> least, median, greatest since the start."""
        rows = list(self._rows)
        return {
            name: [min(values), statistics.median(values), max(values)]
            for name, values in zip(
                self._NAMES, zip(*rows, strict=True), strict=False
            )
        }
