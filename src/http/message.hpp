/// Requests and responses as handlers see them; no Beast type appears here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/task.hpp"

namespace hs::http {

enum class Method { get, head, post, put, patch, del, options };

/// Who is calling. In local mode: the local admin of the default tenant.
struct Principal {
    TenantId tenant;
    std::string name; // for the audit log, e.g. "local"
    bool may_read_customer_fields = false;
};

struct UploadedFile {
    std::string field;
    std::string filename; // as sent
    Fd fd;                // unnamed spool file
    std::uint64_t size = 0;
    Sha256 sha256{};
};

/// multipart/form-data after streaming it to disk.
struct Form {
    std::vector<std::pair<std::string, std::string>> fields;
    std::vector<UploadedFile> files;
};

struct Request {
    Method method = Method::get;
    std::string path;    // normalised, percent-decoded
    std::string pattern; // the route's pattern, for logs and metrics
    std::map<std::string, std::string, std::less<>> path_params; // percent-decoded
    std::vector<std::pair<std::string, std::string>> query;      // percent-decoded
    std::vector<std::pair<std::string, std::string>> headers;    // names lower case
    std::string body;                                            // JSON and empty bodies
    Form form;                                                   // routes declared multipart
    std::string request_id;
    std::string remote_address;
    Principal principal;
    Log log;

    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
    /// Value of a single-valued query parameter; see also query.repeated in the router.
    [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const;
};

/// One entry of problem+json "errors".
struct FieldError {
    std::string field;
    std::string code;
    std::string message;
};

/// A part of a file or object served as a body; read in chunks, never whole in memory.
struct StreamBody {
    std::uint64_t length = 0;
    /// Blocking; called on the CPU pool with offset and wanted length, gives exactly that many
    /// bytes.
    std::function<Result<Bytes>(std::uint64_t offset, std::uint64_t length)> read;
};

/// A body that comes into being while it is sent, of no known length. The connection ends with it.
struct LiveBody {
    /// Waits for the next piece, on the connection's thread; nullopt ends the body.
    std::function<Task<std::optional<std::string>>()> next;
    /// The client is gone or the server drains: `next` is to end soon. On the connection's thread.
    std::function<void()> stop;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::optional<StreamBody> stream; // instead of body
    std::optional<LiveBody> live;     // instead of body
};

[[nodiscard]] Response json_response(int status, std::string body);
/// RFC 9457. `extra_json` = further members, ready JSON text without braces
/// ("\"suggestions\":[…]").
[[nodiscard]] Response problem(const Request& request,
                               const Error& error,
                               const std::vector<FieldError>& errors = {},
                               std::string extra_json = {});
/// HTTP status of a code whose kind alone does not decide it (405, 408, 412, 414, 415, 416, 421,
/// 422, 431).
[[nodiscard]] int status_of(const Error& error);
/// The fixed title of a code ("The request is not valid").
[[nodiscard]] std::string_view title_of(std::string_view code, int status);

} // namespace hs::http
