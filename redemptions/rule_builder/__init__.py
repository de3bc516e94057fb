"""The screen on which rules are built: groups of conditions, told and tried live."""
