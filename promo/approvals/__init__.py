"""Changes that somebody else has to agree to before they are made."""
