#include "providers/blob/s3_listing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "providers/blob/s3_writes.hpp"
#include "providers/blob/xml.hpp"

namespace hs::providers {

namespace {

constexpr std::size_t most_keys = 1000;

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

/// Keys come percent-encoded (with blanks as '+'), as XML cannot hold all of them.
std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto high =
            text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
        const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
        if (high && low) {
            out += static_cast<char>(*high * 16 + *low);
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

Result<XmlElement> ask(S3Client& client, const S3Request& request, const Clock& clock) {
    TRY(const auto reply, client.send(request));
    if (reply.status != 200) return std::unexpected(s3_error(reply, clock.now()));
    return parse_xml(reply.body);
}

struct Version {
    std::string key;
    std::string id;
};

struct VersionPage {
    std::vector<Version> versions;
    std::string next_key;
    std::string next_version;
    bool more = false;
};

Result<VersionPage>
version_page(S3Client& client, const std::string& path, VersionPage before, const Clock& clock) {
    S3Request request;
    request.query = {{"versions", ""}, {"prefix", client.key_of(path)}, {"encoding-type", "url"}};
    if (before.more) {
        request.query.emplace_back("key-marker", before.next_key);
        request.query.emplace_back("version-id-marker", before.next_version);
    }
    TRY(const auto document, ask(client, request, clock));
    VersionPage page;
    for (const auto& element : document.children) {
        if (element.name != "Version" && element.name != "DeleteMarker") continue;
        page.versions.push_back(
            {decoded(element.child_text("Key")), element.child_text("VersionId")});
    }
    page.more = document.child_text("IsTruncated") == "true";
    page.next_key = decoded(document.child_text("NextKeyMarker"));
    page.next_version = document.child_text("NextVersionIdMarker");
    return page;
}

Result<void> remove_one(S3Client& client,
                        const std::string& path,
                        const std::string& version,
                        const Clock& clock) {
    S3Request request;
    request.method = "DELETE";
    request.path = path;
    if (!version.empty()) request.query = {{"versionId", version}};
    TRY(const auto reply, client.send(request));
    if (reply.status == 404 && s3_error_code(reply) != "NoSuchBucket") return {};
    if (reply.status >= 300) return std::unexpected(s3_error(reply, clock.now()));
    return {};
}

} // namespace

Result<S3Page> list_page(S3Client& client, const S3PageRequest& wanted, const Clock& clock) {
    S3Request request;
    request.query = {{"list-type", "2"},
                     {"encoding-type", "url"},
                     {"max-keys", fmt::format("{}", std::min(wanted.limit, most_keys))},
                     {"prefix", client.key_of(wanted.prefix)}};
    if (!wanted.after.empty())
        request.query.emplace_back("start-after", client.key_of(wanted.after));
    TRY(const auto document, ask(client, request, clock));
    S3Page page;
    for (const auto& element : document.children) {
        if (element.name != "Contents") continue;
        const auto key = decoded(element.child_text("Key"));
        if (!key.starts_with(client.config().prefix)) continue;
        page.last = key.substr(client.config().prefix.size());
        // A folder that some programs make is no object.
        if (key.ends_with('/')) continue;
        page.paths.push_back(page.last);
        // Without a date it counts as new: nothing young is ever taken for old.
        page.modified.push_back(
            parse_rfc3339(element.child_text("LastModified")).value_or(clock.now()));
    }
    page.more = document.child_text("IsTruncated") == "true";
    return page;
}

Result<std::vector<S3Upload>> unfinished_uploads(S3Client& client, const Clock& clock) {
    std::vector<S3Upload> out;
    std::string key_marker;
    std::string id_marker;
    for (;;) {
        S3Request request;
        request.query = {
            {"uploads", ""}, {"encoding-type", "url"}, {"prefix", client.config().prefix}};
        if (!key_marker.empty()) {
            request.query.emplace_back("key-marker", key_marker);
            request.query.emplace_back("upload-id-marker", id_marker);
        }
        TRY(const auto document, ask(client, request, clock));
        for (const auto& element : document.children) {
            if (element.name != "Upload") continue;
            const auto key = decoded(element.child_text("Key"));
            const auto begun = parse_rfc3339(element.child_text("Initiated"));
            if (!begun || !key.starts_with(client.config().prefix)) continue;
            out.push_back({key.substr(client.config().prefix.size()),
                           element.child_text("UploadId"),
                           *begun});
        }
        key_marker = decoded(document.child_text("NextKeyMarker"));
        id_marker = document.child_text("NextUploadIdMarker");
        if (document.child_text("IsTruncated") != "true" || key_marker.empty()) return out;
    }
}

Result<void>
copy_object(S3Client& client, const std::string& from, const std::string& to, const Clock& clock) {
    S3Request request;
    request.method = "PUT";
    request.path = to;
    const auto& config = client.config();
    request.headers = {
        {"x-amz-copy-source", uri_encoded("/" + config.bucket + "/" + client.key_of(from), true)}};
    if (!config.encryption.empty())
        request.headers.emplace_back("x-amz-server-side-encryption", config.encryption);
    if (config.encryption == "aws:kms" && !config.kms_key_id.empty()) {
        request.headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id",
                                     config.kms_key_id);
    }
    TRY(const auto document, ask(client, request, clock));
    // An error may follow a status that promised none.
    if (document.name == "CopyObjectResult") return {};
    return fail(ErrorKind::unavailable,
                "storage.unavailable",
                "the object store could not copy: " + document.child_text("Code"));
}

Result<void> remove_all_versions(S3Client& client, const std::string& path, const Clock& clock) {
    const auto key = client.key_of(path);
    VersionPage page;
    do {
        auto next = version_page(client, path, page, clock);
        // Services without versions say so in their own ways; then there is one object to remove.
        const bool no_versions = !next && next.error().kind == ErrorKind::upstream;
        if (no_versions) return remove_one(client, path, "", clock);
        if (!next) return std::unexpected(next.error());
        page = *std::move(next);
        for (const auto& version : page.versions) {
            if (version.key == key) TRY_VOID(remove_one(client, path, version.id, clock));
        }
        // Other keys with this one as their beginning sort after it.
        if (!page.versions.empty() && page.versions.back().key != key) page.more = false;
    } while (page.more);
    return {};
}

} // namespace hs::providers
