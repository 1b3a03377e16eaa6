"""Time and memory of `eyas-hub build` by the size of a made-up dump: `python3 measure.py MODELS…`, with as many results as models.
Prints a line for each size, with the time of all processors beside that of the clock, and the exponent of the former between the
smallest and the largest: other programs change it less."""

import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

PROGRAM = pathlib.Path(__file__).parent.parent / "target" / "release" / "eyas-hub"


def measure(models):
    """Seconds by the clock, seconds of processors and the peak of memory in MiB of one build."""
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        dump = folder / "dump"
        subprocess.run([PROGRAM, "generate", f"--models={models}", f"--results={models}", "-o", dump], check=True)
        start = time.time()
        build = subprocess.Popen([PROGRAM, "build", "--from", dump, "-o", folder / "snapshot.json.gz"], stdout=subprocess.DEVNULL)
        _, build.returncode, used = os.wait4(build.pid, 0)
        if build.returncode != 0:
            sys.exit(f"the build of {models} models failed")
        return time.time() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    finally:
        shutil.rmtree(folder)


def main():
    sizes = sorted(int(size) for size in sys.argv[1:])
    if not sizes or not PROGRAM.exists():
        sys.exit("usage: measure.py MODELS…, after `cargo build --release --manifest-path hub/Cargo.toml`")
    times = []
    for size in sizes:
        seconds, used, peak = measure(size)
        times.append(used)
        print(f"{size:>9} models: {seconds:.1f} s, {used:.1f} s of processors, {peak:.0f} MiB", flush=True)
    if len(sizes) > 1:
        print(f"exponent {math.log(times[-1] / times[0]) / math.log(sizes[-1] / sizes[0]):.2f}")


main()
