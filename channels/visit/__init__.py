"""Requests for a site visit, by a small form that each customer has at an address of its own."""
