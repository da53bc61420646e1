"""What the operating system knows about this process and this machine (Linux)."""

import os
from pathlib import Path

STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak() -> int:
    """The most bytes of memory this process has had since `reset_peak`; 0 where nobody counts."""
    return _kilobytes("VmHWM") * 1024


def resident() -> int:
    """Bytes of memory this process has now; 0 where nobody counts."""
    return _kilobytes("VmRSS") * 1024


def reset_peak() -> bool:
    """Forget the peak so far; whether the system can."""
    try:
        FORGET.write_text("5")
    except OSError:
        return False
    return True


def load() -> float:
    """One-minute average of processes that run or would like to."""
    return os.getloadavg()[0]


def _kilobytes(name: str) -> int:
    try:
        text = STATUS.read_text()
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0
