#include "http/conditional.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "http/grammar.hpp"

namespace hs::http {

namespace {

std::string_view without_weakness(std::string_view etag) {
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    return etag;
}

/// Cuts the next entity tag off a list; empty at the end or at a fault.
std::string_view next_etag(std::string_view& list) {
    while (!list.empty() && (list.front() == ',' || list.front() == ' ' || list.front() == '\t'))
        list.remove_prefix(1);
    const std::size_t open = list.starts_with("W/") ? 2 : 0;
    if (list.size() <= open || list[open] != '"') return {};
    const auto close = list.find('"', open + 1);
    if (close == std::string_view::npos) return {};
    const auto etag = list.substr(0, close + 1);
    list.remove_prefix(close + 1);
    return etag;
}

const std::string* find_header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
        if (iequals_ascii(key, name)) return &value;
    return nullptr;
}

struct ByteRange {
    std::uint64_t first;
    std::uint64_t last; // included
};

enum class RangeKind { whole, part, refused };

struct RangeAnswer {
    RangeKind kind = RangeKind::whole;
    ByteRange range{};
};

std::optional<std::uint64_t> parse_number(std::string_view text) {
    if (!is_digits(text) || text.size() > 18) return std::nullopt;
    return std::stoull(std::string(text));
}

/// Reads "bytes=…" against a body of `length` bytes.
RangeAnswer choose_range(std::string_view header, std::uint64_t length) {
    const std::string_view unit = "bytes=";
    if (!iequals_ascii(header.substr(0, unit.size()), unit)) return {};
    const auto spec = trim(header.substr(unit.size()));
    if (spec.find(',') != std::string_view::npos) return {};
    const RangeAnswer refused{RangeKind::refused, {}};
    const auto dash = spec.find('-');
    if (dash == std::string_view::npos) return refused;
    const auto from = spec.substr(0, dash);
    const auto to = spec.substr(dash + 1);
    if (from.empty()) {
        const auto count = parse_number(to);
        if (!count || *count == 0 || length == 0) return refused;
        return {RangeKind::part, {length - std::min(*count, length), length - 1}};
    }
    const auto first = parse_number(from);
    const auto last = to.empty() ? std::optional(length) : parse_number(to);
    if (!first || !last || *first >= length || (!to.empty() && *last < *first)) return refused;
    return {RangeKind::part, {*first, std::min(*last, length - 1)}};
}

RangeAnswer asked_range(const Request& request, std::uint64_t length, std::string_view etag) {
    const auto range = request.header("range");
    if (!range || request.method != Method::get) return {};
    // A date, a weak or another tag: the client's part is of something else.
    if (const auto validator = request.header("if-range"); validator && *validator != etag)
        return {};
    return choose_range(*range, length);
}

} // namespace

bool if_none_match(std::string_view header, std::string_view etag) {
    if (trim(header) == "*") return true;
    for (auto tag = next_etag(header); !tag.empty(); tag = next_etag(header))
        if (without_weakness(tag) == without_weakness(etag)) return true;
    return false;
}

bool if_match(const Request& request, std::string_view etag) {
    const auto header = request.header("if-match");
    if (!header || trim(*header) == "*") return true;
    auto tags = std::string_view(*header);
    for (auto tag = next_etag(tags); !tag.empty(); tag = next_etag(tags))
        if (tag == etag) return true;
    return false;
}

void answer_not_modified(const Request& request, Response& response) {
    if (request.method != Method::get && request.method != Method::head) return;
    if (response.status != 200 && response.status != 206) return;
    const auto* etag = find_header(response, "etag");
    const auto asked = request.header("if-none-match");
    if (!etag || !asked || !if_none_match(*asked, *etag)) return;
    response.status = 304;
    response.body.clear();
    response.stream.reset();
    std::erase_if(response.headers,
                  [](const auto& h) { return iequals_ascii(h.first, "content-range"); });
}

Response
ranged(const Request& request, StreamBody whole, std::string content_type, std::string etag) {
    const auto length = whole.length;
    const auto answer = asked_range(request, length, etag);
    if (answer.kind == RangeKind::refused) {
        auto response = problem(
            request,
            Error{ErrorKind::invalid, "range.invalid", "The range lies outside.", std::nullopt});
        response.headers.emplace_back("Content-Range", "bytes */" + std::to_string(length));
        response.headers.emplace_back("Accept-Ranges", "bytes");
        return response;
    }
    Response response;
    response.content_type = std::move(content_type);
    response.headers.emplace_back("Accept-Ranges", "bytes");
    response.headers.emplace_back("ETag", std::move(etag));
    if (answer.kind == RangeKind::part) {
        const auto [first, last] = answer.range;
        response.status = 206;
        response.headers.emplace_back("Content-Range",
                                      "bytes " + std::to_string(first) + '-' +
                                          std::to_string(last) + '/' + std::to_string(length));
        whole.length = last - first + 1;
        whole.read = [read = std::move(whole.read), first](std::uint64_t offset,
                                                           std::uint64_t wanted) {
            return read(first + offset, wanted);
        };
    }
    response.stream = std::move(whole);
    return response;
}

} // namespace hs::http
