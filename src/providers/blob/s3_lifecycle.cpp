#include "providers/blob/s3_lifecycle.hpp"

#include <fmt/format.h>

#include "providers/blob/xml.hpp"

namespace hs::providers {

namespace {

constexpr std::string_view ours = "hacksmart-";

std::string written(const XmlElement& element) {
    std::string inside;
    for (const auto& child : element.children)
        inside += written(child);
    // Text between elements is layout.
    if (element.children.empty()) inside = xml_escaped(element.text);
    return fmt::format("<{0}>{1}</{0}>", element.name, inside);
}

std::string rule(std::string_view name, const std::string& prefix, const std::string& action) {
    return fmt::format("<Rule><ID>{}{}</ID><Filter><Prefix>{}</Prefix></Filter>"
                       "<Status>Enabled</Status>{}</Rule>",
                       ours,
                       name,
                       xml_escaped(prefix),
                       action);
}

std::string expiry(int days) {
    return fmt::format("<Expiration><Days>{0}</Days></Expiration>"
                       "<NoncurrentVersionExpiration><NoncurrentDays>{0}</NoncurrentDays>"
                       "</NoncurrentVersionExpiration>",
                       days);
}

} // namespace

Result<std::string> lifecycle_document(const S3Lifecycle& rules,
                                       const std::string& prefix,
                                       const std::string& present) {
    std::string out = R"(<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)";
    if (!present.empty()) {
        TRY(const auto document, parse_xml(present));
        if (document.name != "LifecycleConfiguration")
            return fail(ErrorKind::upstream, "storage.reply", "these are no lifecycle rules");
        for (const auto& element : document.children) {
            if (element.name == "Rule" && !element.child_text("ID").starts_with(ours))
                out += written(element);
        }
    }
    out += rule("unfinished",
                prefix,
                fmt::format("<AbortIncompleteMultipartUpload><DaysAfterInitiation>{}"
                            "</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
                            rules.unfinished_days));
    out += rule("quarantine", prefix + "quarantine/", expiry(rules.quarantine_days));
    out += rule("staged", prefix + "uploads/", expiry(rules.staged_days));
    out += rule("probe", prefix + "probe/", expiry(1));
    std::string recordings;
    if (rules.transition_days > 0) {
        recordings = fmt::format("<Transition><Days>{}</Days><StorageClass>{}</StorageClass>"
                                 "</Transition>",
                                 rules.transition_days,
                                 xml_escaped(rules.storage_class));
    }
    if (rules.expiry_days > 0) recordings += expiry(rules.expiry_days);
    if (!recordings.empty()) out += rule("recordings", prefix + "t/", recordings);
    return out + "</LifecycleConfiguration>";
}

Result<std::string> read_lifecycle(S3Client& client, const Clock& clock) {
    S3Request request;
    request.query = {{"lifecycle", ""}};
    TRY(const auto reply, client.send(request));
    if (reply.status == 200) return reply.body;
    if (s3_error_code(reply) == "NoSuchLifecycleConfiguration") return std::string();
    return std::unexpected(s3_error(reply, clock.now()));
}

Result<void> write_lifecycle(S3Client& client, const std::string& document, const Clock& clock) {
    S3Request request;
    request.method = "PUT";
    request.query = {{"lifecycle", ""}};
    request.headers = {{"Content-Type", "application/xml"},
                       {"x-amz-checksum-sha256", base64(sha256(bytes_of(document)))}};
    request.body = document;
    TRY(const auto reply, client.send(request));
    if (reply.status < 200 || reply.status >= 300)
        return std::unexpected(s3_error(reply, clock.now()));
    return {};
}

} // namespace hs::providers
