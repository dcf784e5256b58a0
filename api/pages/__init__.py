"""The pages: each shows the answer of an API route, and each form calls an API route."""
