"""How many processors this process may use: fewer than the machine has, in a container or a batch job."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from pathlib import Path, PurePosixPath

GROUPS = Path("/sys/fs/cgroup")


def available_processors() -> int:
    """The processors of the machine, of these those that this process is bound to, and no more than the time that
    its control groups grant."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(bound, granted())))


def granted(groups: Path = GROUPS, membership: Path = Path("/proc/self/cgroup")) -> float:
    """Processors' worth of time that Linux grants the control groups of this process; inf without a limit.

    groups, membership : where the kernel says so: `cpu.max` (version 2) or `cpu.cfs_quota_us` over `cpu.cfs_period_us`
    (version 1), of the group and all above it.
    """
    shares = [math.inf]
    with suppress(OSError):
        for line in membership.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == "":
                root = groups
            elif "cpu" in controllers.split(","):
                root = groups / "cpu"
            else:
                continue
            inside = PurePosixPath(path.lstrip("/"))
            shares += [_share(root / each) for each in (inside, *inside.parents)]
    return min(shares)


def _share(group: Path) -> float:
    with suppress(OSError, ValueError):
        quota, period = (group / "cpu.max").read_text().split()
        return math.inf if quota == "max" else int(quota) / int(period)
    with suppress(OSError, ValueError):
        quota, period = (int((group / f"cpu.cfs_{name}_us").read_text()) for name in ("quota", "period"))
        return quota / period if quota > 0 else math.inf
    return math.inf
