"""The help desk: enquiries, their figures, and entries with answers. No case imports it, and it imports no case."""
