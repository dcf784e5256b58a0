"""The pages. Each page shows the answer of an API operation, and each form calls an API operation."""
