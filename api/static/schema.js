SwaggerUIBundle({ url: "/schema/openapi.json", dom_id: "#description", deepLinking: true, showExtensions: true, validatorUrl: null });
