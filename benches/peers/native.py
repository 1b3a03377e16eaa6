"""An epoch of `eyas bench lrmf` by the processor's time: 110 epochs less 10. Other work on the machine does not count.

    python native.py EYAS MODELS ITEMS DIM    prints {"ms_per_epoch": ...}
"""
import json
import os
import resource
import subprocess
import sys

eyas, models, items, dim = sys.argv[1:5]
sizes = ["--models", models, "--items", items, "--dim", dim]


def spent():
    # The kernel measures the sum of both and only estimates its parts.
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def seconds(epochs):
    before = spent()
    command = [eyas, "bench", "lrmf", "--device", "cpu", "--epochs", str(epochs), *sizes]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "RAYON_NUM_THREADS": "1"})
    return spent() - before


print(json.dumps({"ms_per_epoch": 10 * (seconds(110) - seconds(10))}))
