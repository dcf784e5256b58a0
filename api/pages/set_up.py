"""The page of what the service still needs: settings and data."""

from api.pages.declared_pages import screen
from api.v1.set_up import read_set_up

show = screen("/set-up", "set_up.html", set_up=read_set_up)
