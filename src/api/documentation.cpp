#include "api/reference_page.hpp"
#include "api/routes.hpp"

namespace hs::api {

namespace {

http::Response document(std::string content_type, std::string body) {
    http::Response response;
    response.content_type = std::move(content_type);
    response.headers = {{"Cache-Control", "no-cache"}};
    response.body = std::move(body);
    return response;
}

Task<http::Response> yaml(const Context& context, http::Request) {
    co_return document("application/yaml", context.documentation.yaml);
}

Task<http::Response> as_json(const Context& context, http::Request) {
    co_return document("application/json", context.documentation.json);
}

Task<http::Response> page(const Context& context, http::Request) {
    co_return document("text/html; charset=utf-8", context.documentation.page);
}

Task<http::Response> page_by_its_other_name(const Context& context, http::Request) {
    auto response = document("text/html; charset=utf-8", context.documentation.page);
    response.headers.emplace_back("Link", "</docs>; rel=\"canonical\"");
    co_return response;
}

Task<http::Response> style(const Context&, http::Request) {
    co_return document("text/css; charset=utf-8", reference_style());
}

} // namespace

void add_documentation_routes(http::Router& router, const Context& context) {
    const auto get = [&](std::string pattern, auto handler) {
        router.add({.method = http::Method::get,
                    .pattern = std::move(pattern),
                    .permission = "open",
                    .handler = [&context, handler](http::Request r) {
                        return handler(context, std::move(r));
                    }});
    };
    get("/openapi.yaml", yaml);
    get("/openapi.json", as_json);
    get("/docs", page);
    get("/redoc", page_by_its_other_name);
    get("/docs/reference.css", style);
}

} // namespace hs::api
