#include "http/body_rules.hpp"

#include "base/text.hpp"
#include "http/multipart.hpp"
#include "http/part_head.hpp"

namespace hs::http {

namespace {

std::unexpected<Error> unsupported(std::string why) {
    return fail(ErrorKind::invalid, "body.unsupported_type", std::move(why));
}

bool is_json_type(std::string_view content_type) {
    const auto type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
    if (type != "application/json" &&
        !(type.starts_with("application/") && type.ends_with("+json")))
        return false;
    const auto charset = header_parameter(content_type, "charset");
    if (!charset) return false;
    const auto& name = *charset;
    return !name || iequals_ascii(*name, "utf-8");
}

bool is_form_type(std::string_view content_type) {
    return iequals_ascii(trim(content_type.substr(0, content_type.find(';'))),
                         "multipart/form-data");
}

Result<void> check_type(const RequestHead& head, BodyKind kind) {
    const auto type = head.header("content-type").value_or("");
    if (!valid_utf8(type)) return unsupported("The Content-Type is malformed.");
    if (kind == BodyKind::multipart) {
        if (!is_form_type(type)) return unsupported("This route takes multipart/form-data.");
    } else if (head.has_body() && !is_json_type(type)) {
        return unsupported(kind == BodyKind::json ? "This route takes application/json in UTF-8."
                                                  : "This route takes no body.");
    }
    const auto coding = head.header("content-encoding");
    if (head.has_body() && coding && !iequals_ascii(*coding, "identity"))
        return unsupported("Compressed bodies are not taken.");
    return {};
}

} // namespace

Result<BodyPlan>
plan_body(const RequestHead& head, const Route& route, const ServerOptions& options) {
    TRY_VOID(check_type(head, route.body));
    BodyPlan plan;
    if (route.body == BodyKind::multipart) {
        TRY(plan.boundary, multipart_boundary(head.header("content-type").value_or("")));
        MultipartLimits limits;
        limits.file_bytes = options.max_upload_bytes;
        plan.limit = multipart_body_limit(limits);
    } else {
        // A route without body overlooks a JSON one: clients send "{}" to be safe.
        plan.limit = options.max_json_bytes;
    }
    if (head.content_length.value_or(0) > plan.limit)
        return fail(
            ErrorKind::too_large, "body.too_large", "The body is above this route's limit.");
    return plan;
}

} // namespace hs::http
