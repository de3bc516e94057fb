"""The screen "Try it": offers on a cart, decided and explained at any moment."""
