#include "api/cursor.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace hs::api {

namespace {

constexpr std::size_t mac_bytes = 16;

Sha256 mac_of(const Key256& key, std::string_view scope, std::string_view body) {
    std::string message(scope);
    message += '\n';
    message += body;
    return hmac_sha256(key, bytes_of(message));
}

} // namespace

std::string
make_cursor(const Key256& key, std::string_view scope, const std::vector<std::string>& place) {
    json::array items;
    for (const auto& item : place)
        items.emplace_back(item);
    const auto body = json::serialize(items);
    const auto mac = mac_of(key, scope, body);
    Bytes bytes(mac.begin(), mac.begin() + mac_bytes);
    bytes.insert(bytes.end(), body.begin(), body.end());
    return base64url(bytes);
}

Result<std::vector<std::string>>
read_cursor(const Key256& key, std::string_view scope, std::string_view cursor) {
    const auto invalid = [] {
        return fail(ErrorKind::invalid, "cursor.invalid", "This cursor belongs to no such list.");
    };
    const auto bytes = parse_base64url(cursor);
    if (!bytes || bytes->size() <= mac_bytes) return invalid();
    const std::string body(bytes->begin() + mac_bytes, bytes->end());
    const auto mac = mac_of(key, scope, body);
    const ByteView given(bytes->data(), mac_bytes);
    if (!equal_constant_time(ByteView(mac).first(mac_bytes), given)) return invalid();
    const auto document = parse_json(body);
    if (!document || !document->is_array()) return invalid();
    std::vector<std::string> place;
    for (const auto& item : document->as_array()) {
        if (!item.is_string()) return invalid();
        place.emplace_back(item.as_string());
    }
    return place;
}

} // namespace hs::api
