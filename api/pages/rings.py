"""The page on which a user chooses the ways to be alerted to urgent tasks: push on this device, SMS, quiet hours."""

from api.pages.declared_pages import form, screen
from api.v1 import rings as routes

HERE = "/account/rings"

show = screen(
    HERE,
    "rings.html",
    found=routes.read_rings,
    clock_hours=lambda _: [(str(hour), f"{hour:02d}:00") for hour in range(24)],
)
choose = form(HERE, routes.choose_rings, show)
allow = form(f"{HERE}/devices", routes.allow_device, show)
remove = form(f"{HERE}/devices/{{device_id:str}}/remove", routes.remove_device, show)
