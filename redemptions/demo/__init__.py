"""The demo shop: a roastery with three months behind it, made by the real services."""
