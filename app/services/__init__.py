"""What a face (the pages, the REST API, the command line) may call."""
