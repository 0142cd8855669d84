#!/usr/bin/env python3
"""Runs a command to its end: seconds, peak memory, and what it printed.

By a small process in between: what a process held before it became another program counts into its peak, so
that of a large parent would hide the command's own.
"""

import json
import os
import subprocess
import sys
import tempfile
import time


def run(command, cwd=None):
    """Wall-clock seconds, peak resident MiB of the process, standard output."""
    words = [sys.executable, "-I", "-S", __file__, *map(str, command)]
    between = subprocess.run(words, cwd=cwd, stdout=subprocess.PIPE, text=True)
    if between.returncode != 0:
        sys.exit(f"{command} failed")
    told = json.loads(between.stdout)
    return told["seconds"], told["mebibytes"], told["out"]


def main():
    began = time.perf_counter()
    said = tempfile.TemporaryFile("w+")
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=said, text=True)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        said.seek(0)
        print(said.read(), file=sys.stderr)
        sys.exit(1)
    print(json.dumps({"seconds": seconds, "mebibytes": usage.ru_maxrss / 1024, "out": out}))


if __name__ == "__main__":
    main()
