"""The routes of the application."""

from dataclasses import dataclass

from placement.access.permissions import Permission
from tests.support.api.service import Service

PUBLIC = {
    "/about",
    "/docs",
    "/docs/{page:path}",
    "/public",
    "/api/v1/token",
    "/api/v1/session",
    "/api/v1/session/code",
    "/api/v1/session/sso",
    "/api/v1/session/sso/code",
    "/api/v1/invitations/look",
    "/api/v1/invitations/password",
    "/api/v1/invitations/join",
    "/api/v1/invitations/passkey",
    "/api/v1/invitations/passkey/options",
    "/api/v1/session/passkey",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/.well-known/security.txt",
    "/unsubscribe/{token:str}",
    "/schema",
    "/api/v1/openapi.json",
    "/api/v1/openapi-shelters.json",
    "/schema/{path:str}",
    "/static/{file_path:path}",
}


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    permission: Permission | None
    public: bool


def routes_of(service: Service) -> list[Route]:
    return [
        Route(method, template, handler.opt.get("permission"), bool(handler.opt.get("public")))
        for template, methods in service.app.route_handler_method_map.items()
        for method, handler in methods.items()
        if method not in {"OPTIONS", "HEAD", "asgi"} and (template.startswith("/api") or template in PUBLIC)
    ]
