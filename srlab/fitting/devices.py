"""The devices that sums over pairs can be made on: the CPU, or by torch a GPU."""

from __future__ import annotations

import re

from srlab.errors import InputError, MissingExtra


def check_device(name: str) -> None:
    """Raises InputError for what is no name of a device; whether the device is there is not asked."""
    if not isinstance(name, str) or not re.fullmatch(r"cpu|cuda(:[0-9]+)?", name):
        raise InputError(f"there is no device {name!r}: give cpu, cuda or cuda:N")


def require_device(name: str) -> None:
    """Make sure that a device can be used here.

    Raises
    ------
    InputError
        If it is no name of a device, or torch does not see this GPU.
    MissingExtra
        If it is a GPU and torch is not installed.
    """
    check_device(name)
    if name == "cpu":
        return
    try:
        import torch
    except ImportError:
        raise MissingExtra("torch", "torch", f"search on the device {name}") from None
    count = torch.cuda.device_count()
    if int(name.partition(":")[2] or 0) >= count:
        raise InputError(
            f"the device {name!r} cannot be used, torch sees {count or 'no'} GPU{'' if count == 1 else 's'} here: "
            "give cpu or another device"
        )
