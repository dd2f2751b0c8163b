"""The processor that a measurement was made on."""

import platform
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


def processor() -> str:
    """Return the CPU's name, from /proc/cpuinfo if it exists, and its vector instructions from AVX2 on."""
    lines = _CPUINFO.read_text().splitlines() if _CPUINFO.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    flags = {flag for line in lines if line.startswith("flags") for flag in line.split()}
    vectors = sorted(flag for flag in flags if flag == "avx2" or flag.startswith("avx512"))
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name} ({', '.join(vectors)})" if vectors else name
