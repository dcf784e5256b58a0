"""The pages: each shows what a route of the API answers, and each form does what a route of the API does."""
