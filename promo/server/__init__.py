"""`manage.py serve`: web, workers and beat of one machine, watched together."""
