#include "http/dispatch.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "http/body_rules.hpp"
#include "http/conditional.hpp"
#include "http/local_rules.hpp"
#include "http/reply_head.hpp"
#include "http/request_id.hpp"
#include "http/target.hpp"

namespace hs::http {

namespace {

constexpr std::array all_methods{Method::get,
                                 Method::head,
                                 Method::post,
                                 Method::put,
                                 Method::patch,
                                 Method::del,
                                 Method::options};

std::optional<Method> parse_method(std::string_view text) {
    const auto found = std::ranges::find(all_methods, text, method_name);
    return found == all_methods.end() ? std::nullopt : std::optional(*found);
}

std::string allow_value(const std::vector<Method>& methods) {
    std::string text;
    for (const auto method : methods) {
        if (!text.empty()) text += ", ";
        text += method_name(method);
    }
    return text;
}

Error not_found() {
    return {ErrorKind::not_found, "route.not_found", "Not Found", std::nullopt};
}

Response method_not_allowed(const Request& request, const std::vector<Method>& allowed) {
    auto response = problem(
        request,
        Error{ErrorKind::invalid, "method.not_allowed", "Method Not Allowed", std::nullopt});
    response.headers.emplace_back("Allow", allow_value(allowed));
    return response;
}

Response options_reply(const std::vector<Method>& allowed) {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow", allow_value(allowed));
    return response;
}

std::vector<FieldError> query_errors(const Route& route, const Request& request) {
    std::vector<FieldError> errors;
    for (const auto& name : route.query)
        if (std::ranges::count(request.query, name, &std::pair<std::string, std::string>::first) >
            1)
            errors.push_back({name, "query.repeated", "This parameter is taken once only."});
    if (!route.strict_query) return errors;
    for (const auto& [name, value] : request.query)
        if (std::ranges::find(route.query, name) == route.query.end())
            errors.push_back({name, "query.unknown", "This parameter is not known."});
    return errors;
}

/// An unknown name is the client's text: it is named only when it could be a parameter's name.
void hide_odd_names(std::vector<FieldError>& errors) {
    for (auto& entry : errors)
        if (entry.field.size() > 64 || has_control_characters(entry.field)) entry.field = "query";
}

/// The authority of an absolute-form target replaces Host; two different ones are an attack.
bool authority_agrees(const Target& target, const RequestHead& head) {
    return target.authority.empty() ||
           iequals_ascii(target.authority, head.header("host").value_or(""));
}

} // namespace

Dispatcher::Dispatcher(const ServerOptions& options, Router router, Log log, std::uint16_t port)
    : options_(options), router_(std::move(router)), log_(std::move(log)), port_(port),
      cors_(options.allowed_origins) {}

void Dispatcher::begin(Exchange& exchange, std::string remote_address) const {
    auto& request = exchange.request;
    request.request_id = request_id(request.header("x-request-id"));
    request.remote_address = std::move(remote_address);
    request.principal = options_.local_principal;
    request.log = log_.with({{"request_id", request.request_id}});
    if (const auto trace = trace_id(request.header("traceparent").value_or("")))
        request.log = request.log.with({{"trace_id", *trace}});
}

Exchange Dispatcher::unreadable(const Error& error, std::string remote_address) const {
    Exchange exchange;
    exchange.close = true;
    begin(exchange, std::move(remote_address));
    exchange.answer = problem(exchange.request, error);
    return exchange;
}

Exchange Dispatcher::admit(RequestHead head, std::string remote_address) const {
    Exchange exchange;
    exchange.request.headers = head.headers;
    exchange.expects_continue = head.expects_continue;
    begin(exchange, std::move(remote_address));
    if (const auto checked = check(exchange, head); !checked) {
        // A client whose target or origin is wrong is not trusted with another request.
        exchange.close = checked.error().code != "route.not_found";
        exchange.answer = problem(exchange.request, checked.error());
    }
    return exchange;
}

Result<void> Dispatcher::check(Exchange& exchange, const RequestHead& head) const {
    auto& request = exchange.request;
    const auto method = parse_method(head.method);
    exchange.method = method ? method_name(*method) : "other";
    request.method = method.value_or(Method::post); // judged as a write where it is unknown
    if (head.method == "CONNECT") {
        exchange.close = true;
        exchange.answer = method_not_allowed(
            request, std::vector<Method>(all_methods.begin(), all_methods.end()));
        return {};
    }
    exchange.close = head.method == "TRACE"; // nobody honest asks what the server has received
    Target target;
    const bool asterisk = head.target == "*" && method == Method::options;
    if (!asterisk) {
        TRY(target, parse_target(head.target));
    }
    if (!authority_agrees(target, head))
        return fail(ErrorKind::invalid, "request.malformed", "Target and Host name two hosts.");
    if (options_.local_mode)
        if (auto refusal = local_refusal(request, port_, cors_))
            return std::unexpected(std::move(*refusal));
    if (Cors::is_preflight(request)) {
        exchange.answer = cors_.preflight(request);
        return {};
    }
    if (asterisk) {
        exchange.answer =
            options_reply(std::vector<Method>(all_methods.begin(), all_methods.end()));
        return {};
    }
    request.path = percent_decode(target.path).value_or("");
    return find_route(exchange, head, target);
}

Result<void>
Dispatcher::find_route(Exchange& exchange, const RequestHead& head, const Target& target) const {
    auto& request = exchange.request;
    const bool known = exchange.method != "other";
    auto match = router_.match(known ? request.method : Method::options, target.path);
    if (!match.route || !known) {
        if (match.allowed.empty()) return std::unexpected(not_found());
        const bool options = known && request.method == Method::options;
        exchange.answer =
            options ? options_reply(match.allowed) : method_not_allowed(request, match.allowed);
        return {};
    }
    request.pattern = match.route->pattern;
    request.path_params = std::move(match.path_params);
    request.log = request.log.with({{"route", request.pattern}});
    TRY(request.query, parse_query(target.query));
    if (auto errors = query_errors(*match.route, request); !errors.empty()) {
        hide_odd_names(errors);
        exchange.answer = problem(
            request,
            Error{
                ErrorKind::invalid, "request.invalid", "The query needs attention.", std::nullopt},
            errors);
        return {};
    }
    TRY(auto plan, plan_body(head, *match.route, options_));
    exchange.body_limit = plan.limit;
    exchange.boundary = std::move(plan.boundary);
    exchange.route = match.route;
    return {};
}

Response Dispatcher::answer_exception(const Request& request, std::exception_ptr exception) const {
    if (options_.translate_exception) {
        if (const auto error = options_.translate_exception(exception)) {
            if (status_of(*error) != 500)
                request.log.warn("request.failed", {{"code", error->code}});
            return problem(request, *error);
        }
    }
    std::string what = "unknown exception";
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& error) {
        what = error.what();
    } catch (...) { // NOLINT(bugprone-empty-catch): there is nothing more to tell about it
    }
    return problem(request, Error{ErrorKind::internal, "internal", what, std::nullopt});
}

Task<Response> Dispatcher::handle(Exchange& exchange) const {
    // The handler takes the request; the reply still needs its headers.
    Request kept;
    kept.method = exchange.request.method;
    kept.path = exchange.request.path;
    kept.pattern = exchange.request.pattern;
    kept.headers = exchange.request.headers;
    kept.request_id = exchange.request.request_id;
    kept.log = exchange.request.log;
    std::exception_ptr failure;
    try {
        Request request = std::move(exchange.request);
        exchange.request = std::move(kept);
        co_return co_await exchange.route->handler(std::move(request));
    } catch (...) { // the one place where a handler's exceptions are caught
        failure = std::current_exception();
    }
    co_return answer_exception(exchange.request, failure);
}

Task<void> Dispatcher::ask_gate(Exchange& exchange) const {
    if (exchange.answer || !exchange.route->before_body) co_return;
    std::exception_ptr failure;
    try {
        exchange.answer = co_await exchange.route->before_body(exchange.request);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) exchange.answer = answer_exception(exchange.request, failure);
}

void Dispatcher::complete(const Exchange& exchange, Response& response) const {
    answer_not_modified(exchange.request, response);
    cors_.apply(exchange.request, response);
    add_default_headers(exchange.request, response);
}

} // namespace hs::http
