"""Pages that are spliced, and a look into the memory in which they are kept."""

import contextlib
import os

import pytest

import harness
from clients import ask

MAGIC = 0x706C616E  # what a zone begins with

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root writes into the memory of others")


def spliced(server, path="/", headers=None):
    """Asks for the page until it is spliced; that response."""
    found = []
    harness.wait_until(
        lambda: found.append(ask(server, path, headers)) or found[-1].header("X-Path") == "splice", "a splice plan"
    )
    return found[-1]


@contextlib.contextmanager
def zone_memory(pid, size):
    """The shared memory of that size: (read, write), by offset."""
    for line in open(f"/proc/{pid}/maps"):
        first, last = (int(number, 16) for number in line.split()[0].split("-"))
        if "rw-s" in line and last - first == size:
            with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:

                def write(at, data):
                    memory.seek(first + at)
                    memory.write(data)

                memory.seek(first)
                yield memory.read(size), write
                return
    raise AssertionError("no such memory")
