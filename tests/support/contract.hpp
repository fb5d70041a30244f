/// Replies against api/openapi.yaml. WholeServer checks every reply it reads; a test that reads one
/// from a connection of its own calls check_reply.
///
/// What every route may answer, whatever it is for, stands under `x-every-reply` in the document:
/// headers, and the statuses with their problem codes. Anything else must be listed at the route.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "support/http_server.hpp"
#include "support/json_schema.hpp"

namespace hs::test {

class Contract {
public:
    using Faults = JsonSchema::Faults;

    /// The document of this tree, read once.
    static const Contract& of_this_tree();

    explicit Contract(json::value document);
    Contract(const Contract&) = delete;
    Contract& operator=(const Contract&) = delete;

    /// Everything in the reply that the document does not promise. `target` may have a query.
    [[nodiscard]] Faults
    faults(std::string_view method, std::string_view target, const HttpReply& reply) const;

    /// What is wrong with the document itself: identifiers used twice, parameters of paths that are
    /// not declared, responses without a schema, schemas nobody here understands, examples that are
    /// no examples.
    [[nodiscard]] Faults document_faults() const;

    /// "get /x" of the operation that answers, "" when there is none.
    [[nodiscard]] std::string operation_of(std::string_view method, std::string_view target) const;
    [[nodiscard]] std::set<std::string> operations() const;

private:
    struct Operation;

    [[nodiscard]] Operation find(std::string_view method, std::string_view target) const;
    void check_headers(const json::value& headers, const HttpReply& reply, Faults& out) const;
    void check_body(const json::value& response, const HttpReply& reply, Faults& out) const;
    [[nodiscard]] bool is_general(const HttpReply& reply, bool has_body) const;
    void check_problem(const HttpReply& reply, Faults& out) const;

    json::value document_;
    JsonSchema schemas_;
};

/// Fails the running test when `reply` is not what the document promises for `request_line`
/// ("GET /x?y=1", with or without the HTTP version). A reply that never came (status 0) is not
/// looked at.
void check_reply(std::string_view request_line, const HttpReply& reply);

/// Operations of the document that no test so far got a successful reply from.
[[nodiscard]] std::vector<std::string> operations_never_answered();

} // namespace hs::test
