/// Cross-origin rules: which pages of other sites may read replies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace hs::http {

class Cors {
public:
    /// Exact origins, or "*" for every origin without credentials.
    explicit Cors(std::vector<std::string> allowed_origins);

    /// Named in the list; "*" names nobody.
    [[nodiscard]] bool lists(std::string_view origin) const;
    /// Adds the headers the request's Origin earns.
    void apply(const Request& request, Response& response) const;
    [[nodiscard]] static bool is_preflight(const Request& request);
    [[nodiscard]] Response preflight(const Request& request) const;

private:
    [[nodiscard]] bool allows(std::string_view origin) const { return any_ || lists(origin); }

    std::vector<std::string> allowed_;
    bool any_ = false;
};

} // namespace hs::http
