"""Requests that need a second person: their life cycle, and the declaration of each kind of request."""
