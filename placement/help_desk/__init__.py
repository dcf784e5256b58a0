"""The help desk: enquiries, their figures, and entries with answers. This package and the packages of cases do not
import each other.
"""
