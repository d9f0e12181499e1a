"""One module a command: data on stdout, talk on stderr, exit 0 ok, 1 failure, 2 usage."""
