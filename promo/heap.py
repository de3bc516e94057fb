"""What a process has loaded for good, and the garbage collector."""

import gc


def settle() -> None:
    """Keep the collector from walking through what is loaded and stays.

    Called once a process has loaded everything: a walk through it takes a tenth of a
    second, in the midst of some checkout, and long work brings it about again and
    again.
    """
    gc.collect()
    gc.freeze()
