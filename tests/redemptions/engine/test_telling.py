"""Facts are put into words once, and only when somebody reads them."""

from redemptions.engine.telling import Told


def test_nothing_is_told_before_it_is_read():
    asked = []

    def tell() -> dict[str, int]:
        asked.append("once")
        return {"amount": 5}

    told = Told(tell)

    assert asked == []
    assert (dict(told), len(told), told["amount"]) == ({"amount": 5}, 1, 5)
    assert asked == ["once"]
