/// Which handler answers which method and path. Literal segments win over parameters.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "http/message.hpp"

namespace hs::http {

using Handler = std::function<Task<Response>(Request)>;
/// Looks at a request whose body has not been read; a response here is the answer (503
/// storage.full).
using BodyGate = std::function<Task<std::optional<Response>>(const Request&)>;

/// What the body of a route may be; anything else is answered 415.
enum class BodyKind { none, json, multipart };

struct Route {
    Method method = Method::get;
    std::string pattern;    // "/api/calls/{id}/status"; a last "{rest*}" takes any remaining path
    std::string permission; // "calls:read", or "open"; start-up fails when empty
    Handler handler{};
    BodyKind body = BodyKind::none;
    bool strict_query = false;        // unknown query parameters are 400 query.unknown
    std::vector<std::string> query{}; // known query parameters (single-valued)
    BodyGate before_body{};           // free space, queue length: asked before 100 Continue
    /// Parts of a form that are files even when sent without a file name.
    std::vector<std::string> file_fields{"file"};
};

struct Match {
    const Route* route = nullptr; // null: no such path, or wrong method
    std::map<std::string, std::string, std::less<>> path_params;
    std::vector<Method> allowed; // methods of the path when it exists; GET always with HEAD
};

[[nodiscard]] std::string_view method_name(Method method);

class Router {
public:
    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    /// Throws std::logic_error for a duplicate route or a missing permission: a bug of the program.
    void add(Route route);
    /// `path` is in normal form and still percent-encoded, so that "%2F" stays in its segment.
    /// HEAD finds the GET route.
    [[nodiscard]] Match match(Method method, std::string_view path) const;
    [[nodiscard]] const std::vector<Route>& routes() const;

private:
    struct Node;
    std::unique_ptr<Node> root_;
    std::vector<Route> routes_;
};

} // namespace hs::http
