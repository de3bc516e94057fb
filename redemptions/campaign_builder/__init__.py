"""The screen on which a campaign is built step by step, and published as a whole."""
