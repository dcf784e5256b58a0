"""The page of the rota: who of the desk is on call, and a form that puts a person on call."""

from api.pages.declared_pages import each_of, form, screen
from api.v1 import mandates, on_call

HERE = "/on-call"

show = screen(HERE, "on_call.html", rota=on_call.list_on_call, mandates=mandates.list_mandates)
name = form(HERE, on_call.name_on_call, show)
withdraw = form(f"{HERE}/{{on_call_id:str}}/withdraw", on_call.withdraw_on_call, show)
withdraw_several = each_of(f"{HERE}/withdraw", on_call.withdraw_on_call, show)
