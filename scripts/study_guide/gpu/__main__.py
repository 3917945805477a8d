"""The measurements on a GPU behind the pages on speed and memory.

    python3 scripts/guide.py bench gpu --into docs/questions

writes `<slug>/gpu.json` for each page that shows measurements; with
`PYTHONPATH=scripts python3 -m study_guide.gpu` any Python that has PyTorch
does it. Each part runs in a process of its own, so that none
finds memory or settings that another left, and what is done is written at
once. `--device cpu --tiny` walks through everything in a minute without a
GPU; its numbers mean nothing.

Sizes are those of the pages: the geometry of Llama 3 8B, a 4096 x 4096 layer,
the two requests of the allocator's example. The full run takes about five
minutes and 80 GB of GPU memory; what does not fit is left out and said so.
"""

import argparse
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import time as clock
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from study_guide.gpu import (
    attention,
    fusion,
    memory,
    products,
    records,
    steps,
    timing,
)
from study_guide.gpu.bench import Bench
from study_guide.gpu.ceilings import ceilings, cpu_ceilings
from study_guide.gpu.records import Record

# Parts with a second pass that counts kernels.
COUNTED = ("launches", "products", "sharing", "fusion")
PARTS: dict[str, Callable[[Bench], None]] = {
    "batches": steps.batches,
    "lengths": steps.lengths,
    "drafting": steps.drafting,
    "launches": steps.launches,
    "attention": attention.attention,
    "products": products.products,
    "allocator": memory.allocator,
    "expandable": memory.expandable,
    "sharing": attention.sharing,
    "block": steps.block,
    "fusion": fusion.fusion,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bench gpu`."""
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help="|".join(PARTS)
    )
    parser.add_argument("--into", type=Path, default=Path("docs/questions"))
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument(
        "--tiny", action="store_true", help="small sizes, to try the command"
    )
    parser.add_argument(
        "--seconds", type=float, default=900.0, help="end after so long"
    )


def run(options: argparse.Namespace) -> int:
    """Measure the parts named, or all; returns the exit status."""
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        print(f"No part is called {unknown[0]}; there are {', '.join(PARTS)}.")
        return 2
    method = (
        "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    )
    processes: Any = multiprocessing.get_context(method)
    end = clock.monotonic() + options.seconds
    options.into.mkdir(parents=True, exist_ok=True)
    blank = options.into / ".gpu-header.json"
    blank.unlink(missing_ok=True)
    failed = []
    chosen = options.parts or list(PARTS)
    passes = [("", False)]
    for part in chosen:
        passes += [(part, False)] + [(part, True)] * (part in COUNTED)
    for part, counting in passes:
        started = clock.monotonic()
        if started >= end:
            failed.append(f"{part}: no time left")
            continue
        process = processes.Process(
            target=_run_part, args=(part, counting, options, blank)
        )
        process.start()
        process.join(end - started)
        if process.is_alive():
            process.terminate()
            process.join(5)
            failed.append(f"{part}: cut off")
        elif process.exitcode:
            failed.append(f"{part or 'ceilings'}: failed")
            if not part:
                break
        seconds = clock.monotonic() - started
        what = ", kernels" if counting else ""
        print(f"── {part or 'ceilings'}{what}: {seconds:.1f} s", flush=True)
    blank.unlink(missing_ok=True)
    for line in failed:
        print(line)
    return 1 if failed else 0


def _run_part(
    part: str, counting: bool, options: argparse.Namespace, blank: Path
) -> None:
    """In a process of its own: the header, or one part."""
    # Kernels are few: no pool of compilers has to start.
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    torch.manual_seed(0)
    torch.set_grad_enabled(part == "attention")
    try:
        if not part:
            if options.device == "cuda" and not torch.cuda.is_available():
                print("No CUDA GPU here; --device cpu --tiny tries the rest.")
                raise SystemExit(2)
            header = _header(options.device, options.tiny)
            blank.write_text(records.as_text(header), encoding="utf-8")
            print(json.dumps(header.device | header.host | header.versions))
            for name, rate in header.ceilings.items():
                print(f"{name:32}{rate:12.4g}", flush=True)
            return
        with timing.Clocks() as clocks:
            head = Record(**json.loads(blank.read_text(encoding="utf-8")))
            bench = Bench(
                part,
                options.device,
                options.tiny,
                options.into,
                head,
                clocks,
                counting,
            )
            PARTS[part](bench)
    except Exception:
        traceback.print_exc()
        sys.stderr.flush()
        raise SystemExit(1) from None


def _header(device: str, tiny: bool) -> Record:
    """The record of a page that has no rows yet."""
    card: dict[str, Any] = {"name": "CPU", "memory_bytes": 0, "driver": "none"}
    card["capability"] = "none"
    if device != "cpu":
        properties = torch.cuda.get_device_properties(0)
        card = {
            "name": properties.name,
            "memory_bytes": properties.total_memory,
            "multiprocessors": properties.multi_processor_count,
            "l2_bytes": properties.L2_cache_size,
            "capability": f"{properties.major}.{properties.minor}",
            "driver": _asked("driver_version"),
            "power_limit_w": _asked("power.limit"),
        }
    with timing.Clocks() as clocks:
        rates = ceilings(device, tiny)
    rates |= cpu_ceilings(tiny)
    return Record(
        question="",
        measured=f"{datetime.now(UTC):%Y-%m-%d}",
        device=card,
        host={
            "processor": _processor(),
            "threads": torch.get_num_threads(),
            "matrix_unit": _matrix_unit(),
        },
        versions={
            "python": platform.python_version(),
            "torch": torch.__version__,
            "cuda": torch.version.cuda or "none",
            "cudnn": str(torch.backends.cudnn.version() or "none"),
            "triton": _triton_version(),
        },
        method=timing.METHOD,
        ceilings=rates,
        clocks={"ceilings": clocks.spread()},
    )


def _asked(property: str) -> str:
    """What nvidia-smi says of the first card."""
    form = "--format=csv,noheader,nounits"
    done = subprocess.run(
        ["nvidia-smi", "--id=0", f"--query-gpu={property}", form],
        capture_output=True,
        text=True,
    )
    return (done.stdout.splitlines() or ["unknown"])[0].strip()


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _matrix_unit() -> str:
    path = Path("/proc/cpuinfo")
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    known = ("amx_bf16", "amx_fp16", "amx_int8", "avx512_fp16", "avx512_bf16")
    return " ".join(one for one in known if one in text.split()) or "none"


def _triton_version() -> str:
    try:
        import triton
    except ImportError:
        return "none"
    version: str = triton.__version__
    return version


def main() -> int:
    """The command without the guide's environment."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_arguments(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
