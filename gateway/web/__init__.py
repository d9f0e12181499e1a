"""What is served over HTTP: webhooks, pages, API, health."""
