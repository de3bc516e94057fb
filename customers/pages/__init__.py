"""Pages for the people themselves: they come by a signed link and never sign in."""
