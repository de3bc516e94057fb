"""Qualifying, validating, redeeming and rolling back."""
