/// Reads a JSON body member by member; unknown members are refused, all faults reported at once.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "http/message.hpp"
#include "store/idempotency.hpp"

namespace hs::api {

class BodyReader {
public:
    /// Members nobody asks for are faults, except on routes whose clients may send more than we
    /// know.
    enum class Unknown { refused, ignored };

    explicit BodyReader(std::string_view body, Unknown unknown = Unknown::refused);

    /// A member of a body that is an object itself; `prefix` goes before the names of its faults.
    BodyReader(json::object document, std::string prefix)
        : unknown_(Unknown::refused), document_(std::move(document)), prefix_(std::move(prefix)) {}

    /// Whether a text may have line breaks and tabs: what people write at length has them.
    enum class Lines { one, many };

    [[nodiscard]] std::string
    required_text(const char* name, std::size_t limit, Lines lines = Lines::one);
    [[nodiscard]] std::optional<std::string>
    text(const char* name, std::size_t limit, Lines lines = Lines::one);
    [[nodiscard]] std::vector<std::string>
    texts(const char* name, std::size_t items, std::size_t limit);
    /// Lines and tabs as they were sent; `limit` in bytes.
    [[nodiscard]] std::string required_document(const char* name, std::size_t limit);
    [[nodiscard]] std::optional<json::object> object(const char* name);
    [[nodiscard]] std::optional<double> number(const char* name, double least, double most);
    [[nodiscard]] std::optional<bool> flag(const char* name);

    /// Faults of all members read so far, and of those nobody asked for.
    [[nodiscard]] std::vector<http::FieldError> finish();

private:
    const json::value* member(const char* name);
    std::optional<std::string>
    checked(const char* name, const json::value& value, std::size_t limit, Lines lines);
    void fault(std::string field, std::string code, std::string message);

    Unknown unknown_;
    json::object document_;
    std::string prefix_;
    std::set<std::string, std::less<>> asked_;
    std::vector<http::FieldError> faults_;
};

/// 400 for the faults of a body. `extra_members`: JSON without braces.
[[nodiscard]] http::Response body_problem(const http::Request& request,
                                          const std::vector<http::FieldError>& faults,
                                          std::string_view extra_members = {});

/// An audit entry of this request.
[[nodiscard]] store::AuditEntry
audit_entry(const http::Request& request, std::string action, std::string object);

} // namespace hs::api
