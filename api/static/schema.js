SwaggerUIBundle({ url: "/api/v1/openapi.json", dom_id: "#description", deepLinking: true, showExtensions: true, validatorUrl: null });
