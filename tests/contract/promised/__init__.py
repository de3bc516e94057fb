"""What the reference promises of each operation, and requests that show it."""
