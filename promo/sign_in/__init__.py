"""How people get in: by an invitation, with a password, with a second factor."""
