"""The screen "Redeem": a code used by hand, at the counter of a shop."""
