#include "http/router.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/text.hpp"
#include "http/target.hpp"

namespace hs::http {

/// One segment of the path. Routes are kept by index: the vector of routes may move while it grows.
struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    std::map<Method, std::size_t> routes; // of a path that ends here
    std::map<Method, std::size_t> rest;   // of "{rest*}" below here
};

namespace {

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool is_rest(std::string_view segment) {
    return is_parameter(segment) && segment[segment.size() - 2] == '*';
}

std::vector<std::string_view> segments_of(std::string_view path) {
    if (!path.empty() && path.front() == '/') path.remove_prefix(1);
    if (path.empty()) return {};
    return split(path, '/');
}

std::vector<Method> allowed_methods(const std::map<Method, std::size_t>& routes) {
    std::vector<Method> methods;
    for (const auto& [method, index] : routes) {
        methods.push_back(method);
        if (method == Method::get) methods.push_back(Method::head);
    }
    methods.push_back(Method::options);
    std::ranges::sort(methods);
    methods.erase(std::ranges::unique(methods).begin(), methods.end());
    return methods;
}

std::optional<std::size_t> route_for(const std::map<Method, std::size_t>& routes, Method method) {
    auto found = routes.find(method);
    if (found == routes.end() && method == Method::head) found = routes.find(Method::get);
    return found == routes.end() ? std::nullopt : std::optional(found->second);
}

void fill_parameters(Match& match, const Route& route, std::string_view path) {
    const auto values = segments_of(path);
    const auto names = segments_of(route.pattern);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!is_parameter(names[i])) continue;
        auto name = names[i].substr(1, names[i].size() - 2);
        std::string raw;
        if (is_rest(names[i])) {
            name.remove_suffix(1);
            for (auto k = i; k < values.size(); ++k)
                raw.append(k == i ? "" : "/").append(values[k]);
        } else {
            raw = values[i];
        }
        match.path_params[std::string(name)] = percent_decode(raw).value_or("");
    }
}

} // namespace

std::string_view method_name(Method method) {
    switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::del: return "DELETE";
    case Method::options: return "OPTIONS";
    }
    return "GET";
}

Router::Router() : root_(std::make_unique<Node>()) {}

Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Route route) {
    if (route.permission.empty())
        throw std::logic_error("route without permission: " + route.pattern);
    Node* node = root_.get();
    bool rest = false;
    for (const auto segment : segments_of(route.pattern)) {
        if (rest) throw std::logic_error("nothing may follow the rest of a path: " + route.pattern);
        if (is_rest(segment)) {
            rest = true;
        } else if (is_parameter(segment)) {
            if (!node->parameter) node->parameter = std::make_unique<Node>();
            node = node->parameter.get();
        } else {
            auto& next = node->literals[std::string(segment)];
            if (!next) next = std::make_unique<Node>();
            node = next.get();
        }
    }
    auto& ends = rest ? node->rest : node->routes;
    if (!ends.emplace(route.method, routes_.size()).second)
        throw std::logic_error("duplicate route: " + route.pattern);
    routes_.push_back(std::move(route));
}

Match Router::match(Method method, std::string_view path) const {
    const auto segments = segments_of(path);
    // Depth first, literals before parameters: the first node that ends the path is the path.
    std::vector<std::pair<const Node*, std::size_t>> open{{root_.get(), 0}};
    std::vector<std::pair<std::size_t, const Node*>> rests;
    Match match;
    while (!open.empty()) {
        const auto [node, depth] = open.back();
        open.pop_back();
        if (!node->rest.empty()) rests.emplace_back(depth, node);
        if (depth == segments.size()) {
            if (node->routes.empty()) continue;
            match.allowed = allowed_methods(node->routes);
            if (const auto index = route_for(node->routes, method)) match.route = &routes_[*index];
            if (match.route) fill_parameters(match, *match.route, path);
            return match;
        }
        if (node->parameter) open.emplace_back(node->parameter.get(), depth + 1);
        const auto literal = node->literals.find(percent_decode(segments[depth]).value_or(""));
        if (literal != node->literals.end()) open.emplace_back(literal->second.get(), depth + 1);
    }
    // A rest takes only its own methods: POST to an unknown path stays unknown.
    std::ranges::sort(rests, std::greater{}, &std::pair<std::size_t, const Node*>::first);
    for (const auto& [depth, node] : rests) {
        const auto index = route_for(node->rest, method);
        if (!index && method != Method::options) continue;
        match.allowed = allowed_methods(node->rest);
        if (!index) return match;
        match.route = &routes_[*index];
        fill_parameters(match, *match.route, path);
        return match;
    }
    return match;
}

const std::vector<Route>& Router::routes() const {
    return routes_;
}

} // namespace hs::http
