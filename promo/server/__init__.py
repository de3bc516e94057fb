"""`manage.py serve`: web and worker of one machine, started and watched together."""
