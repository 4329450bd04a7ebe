"""What people touch: the browser pages, the REST API, the command line and the background jobs."""
