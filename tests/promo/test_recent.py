"""A process remembers what it used last, whichever thread did."""

import threading

from promo.recent import Recent


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    cache: Recent[str, int] = Recent(2)
    cache.keep({"first": 1, "second": 2})
    cache.find(["first"])

    cache.keep({"third": 3})

    assert cache.find(["first", "second", "third"]) == {"first": 1, "third": 3}


def test_many_threads_are_served() -> None:
    cache: Recent[int, str] = Recent(10)
    keys = range(50)

    def work() -> None:
        for key in keys:
            cache.keep({key: "1"})
            cache.find(keys)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(cache.find(keys)) == 10
