#include "api/routes.hpp"

namespace hs::api {

http::Router make_router(const Context& context) {
    http::Router router;
    add_ingest_routes(router, context);    // POST /ingest/call
    add_call_routes(router, context);      // /api/calls/{id}, /status, /process
    add_recording_routes(router, context); // /api/calls/{id}/transcript, /audio, /peaks
    add_directory_routes(router, context); // /api/agents, /api/cities, /api/issue-categories
    add_config_routes(router, context);    // /config/…
    add_system_routes(router, context);    // /health, /livez, /readyz, /db/check, /metrics, …
    add_documentation_routes(router, context); // /docs, /redoc, /openapi.yaml, /openapi.json
    return router;
}

} // namespace hs::api
